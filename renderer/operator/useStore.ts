/** The store's topics for React. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { DoorStore, Topic } from './doorStore.ts';

export const StoreContext = createContext<DoorStore | null>(null);

export function useStore(): DoorStore {
  const store = useContext(StoreContext);
  if (!store) throw new Error('this component is not inside a store');
  return store;
}

/** @param read must return the same value until the topic changes */
export function useTopic<T>(topic: Topic, read: (store: DoorStore) => T): T {
  const store = useStore();
  return useSyncExternalStore(
    (listener) => store.subscribe(topic, listener),
    () => read(store),
  );
}
