/**
 * Supervises the store of the active session. If the store dies, a new one reopens the session, retrying until the disk
 * is back; meanwhile publishers keep their data and requests wait.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorReport, reportOf } from '../../common/errors.ts';
import type { Stream } from '../../common/stream.ts';
import type { SessionMeta } from '../../session/format/rows.ts';
import type { Declared, StoreCommand, StoreEvent, StoreRequest } from '../store/storeApi.ts';
import type { StoreClient, StoreListeners, Unnumbered } from '../store/storeClient.ts';
import { type ReadyStore, startStore } from './spareStore.ts';

export interface StoreSupervisorEvents {
  onAck: (event: Extract<StoreEvent, { type: 'ack' }>) => void;
  /** The store reports an error or cannot write (null: it can again). */
  onTrouble: (error: ErrorReport | null) => void;
  /** A new store has opened the session: it knows only what is on disk. */
  onReopened: () => void;
}

type Asked = Extract<Unnumbered<StoreRequest>, { type: 'marker' | 'lifecycle' }>;

const REOPEN_EVERY_MS = 1000;

export class StoreSupervisor {
  readonly #folder: string;
  readonly #meta: SessionMeta;
  readonly #events: StoreSupervisorEvents;
  #store: StoreClient;
  /** Resolves when the new store has opened the session. */
  #opened: Promise<void> = Promise.resolve();
  #away = false;
  #ended = false;

  constructor(folder: string, meta: SessionMeta, events: StoreSupervisorEvents, store: ReadyStore) {
    this.#folder = folder;
    this.#meta = meta;
    this.#events = events;
    this.#store = this.#adopt(store);
  }

  /** Bytes handed to the store that are not known to be on disk. */
  get unsafeBytes(): number {
    return this.#store.unsafeBytes;
  }

  /** Milliseconds for which pending data has not been written. */
  get stalledMs(): number {
    return this.#store.stalledMs;
  }

  /** A store died and the new one has not opened the session yet. */
  get away(): boolean {
    return this.#away;
  }

  /** @throws FieldroomError `store.*` when the folder cannot be written */
  async open(): Promise<void> {
    await this.#store.request({ type: 'open', folder: this.#folder, meta: this.#meta });
  }

  /** Resolves when the store accepts data: immediately, unless it is being reopened. */
  async whenOpen(): Promise<void> {
    for (let seen: unknown = null; seen !== this.#opened; ) {
      seen = this.#opened;
      await this.#opened;
    }
  }

  /** A dead store accepts nothing; publishers send the data again to the new one. */
  post(command: Exclude<StoreCommand, StoreRequest>): void {
    if (this.#store.alive) this.#store.post(command);
  }

  /** @throws FieldroomError the store's error, or that it died: the publisher then declares again */
  declare(stream: Stream, clock: string): Promise<Declared> {
    return this.#store.request({ type: 'declare', stream, clock });
  }

  /**
   * Waits for the store; if it dies before answering, the request is repeated once the new store has opened the
   * session.
   */
  async ask(command: Asked): Promise<void> {
    for (;;) {
      await this.whenOpen();
      const store = this.#store;
      try {
        await store.request(command);
        return;
      } catch (error) {
        if (store.alive || this.#ended) throw error;
      }
    }
  }

  /** Closes and reopens all files: file handles stay unusable after a drive was disconnected. */
  restart(): void {
    void this.#store.kill();
  }

  /** @throws FieldroomError what could not be written */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#store.close();
  }

  #adopt({ client, listeners }: ReadyStore): StoreClient {
    Object.assign(listeners, {
      onAck: (event) => this.#events.onAck(event),
      onRefused: ({ error }) => this.#events.onTrouble(error),
      onTrouble: ({ error }) => this.#events.onTrouble(error),
      onRecovered: () => this.#events.onTrouble(null),
      onDead: (error) => {
        this.#events.onTrouble(reportOf(error));
        this.#away = true;
        this.#store = this.#adopt(startStore());
        this.#opened = this.#openAgain(this.#store);
      },
    } satisfies StoreListeners);
    return client;
  }

  async #openAgain(store: StoreClient): Promise<void> {
    while (!this.#ended) {
      try {
        await store.request({ type: 'open', folder: this.#folder, meta: this.#meta });
        this.#away = false;
        this.#events.onReopened();
        this.#events.onTrouble(null);
        return;
      } catch (error) {
        // If it died as well, its successor tries.
        if (!store.alive) return;
        this.#events.onTrouble(reportOf(error));
        await sleep(REOPEN_EVERY_MS);
      }
    }
  }
}
