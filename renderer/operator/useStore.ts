/** The store's topics as React reads them. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { DoorStore, Topic } from './doorStore.ts';

export const StoreContext = createContext<DoorStore | null>(null);

export function useStore(): DoorStore {
  const store = useContext(StoreContext);
  if (!store) throw new Error('no store around this component');
  return store;
}

/** @param read has to return the same value until the topic is told */
export function useTopic<T>(topic: Topic, read: (store: DoorStore) => T): T {
  const store = useStore();
  return useSyncExternalStore(
    (listener) => store.subscribe(topic, listener),
    () => read(store),
  );
}
