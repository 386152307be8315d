import { StoreClient, type StoreListeners } from '../store/storeClient.ts';

/** A store thread and its listeners, which the session that takes it sets. */
export interface ReadyStore {
  client: StoreClient;
  listeners: StoreListeners;
}

/** Keeps one store thread started, so that pressing Record does not wait for its modules to load. */
export class SpareStore {
  #spare: ReadyStore | null = null;

  prepare(): void {
    this.#spare ??= startStore();
  }

  take(): ReadyStore {
    const spare = this.#spare;
    this.#spare = null;
    return spare?.client.alive ? spare : startStore();
  }

  async close(): Promise<void> {
    await this.#spare?.client.kill();
    this.#spare = null;
  }
}

export function startStore(): ReadyStore {
  const listeners: StoreListeners = {};
  return { listeners, client: new StoreClient(listeners) };
}
