/**
 * The store of a session that records. One that dies has a successor that opens the session anew, tried until the disk
 * is there again; meanwhile publishers keep what they have, and what must be answered waits.
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
  /** The store refuses or cannot write (null: it can again). */
  onTrouble: (error: ErrorReport | null) => void;
  /** A successor holds the session: it knows only what is on disk. */
  onReopened: () => void;
}

type Asked = Extract<Unnumbered<StoreRequest>, { type: 'marker' | 'lifecycle' }>;

const REOPEN_EVERY_MS = 1000;

export class StoreSupervisor {
  readonly #folder: string;
  readonly #meta: SessionMeta;
  readonly #events: StoreSupervisorEvents;
  #store: StoreClient;
  /** Resolves when the successor of a store that died holds the session. */
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

  /** Milliseconds for which the disk has taken nothing of what waits for it. */
  get stalledMs(): number {
    return this.#store.stalledMs;
  }

  /** A store died and its successor does not hold the session yet. */
  get away(): boolean {
    return this.#away;
  }

  /** @throws FieldroomError `store.*` when the folder cannot be written */
  async open(): Promise<void> {
    await this.#store.request({ type: 'open', folder: this.#folder, meta: this.#meta });
  }

  /** Resolves when the store takes data: at once, but for the time in which it is opened again. */
  async whenOpen(): Promise<void> {
    for (let seen: unknown = null; seen !== this.#opened; ) {
      seen = this.#opened;
      await this.#opened;
    }
  }

  /** A store that died takes nothing; its successor gets what publishers send again. */
  post(command: Exclude<StoreCommand, StoreRequest>): void {
    if (this.#store.alive) this.#store.post(command);
  }

  /** @throws FieldroomError what the store says, or that it died: its publisher declares again then */
  declare(stream: Stream, clock: string): Promise<Declared> {
    return this.#store.request({ type: 'declare', stream, clock });
  }

  /** Waits for the store; where it died before it answered, its successor is asked as soon as that holds the session. */
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

  /** Closes what is open and opens it again: the files of a drive that was away stay dead. */
  restart(): void {
    void this.#store.kill();
  }

  /** @throws FieldroomError what the disk did not take */
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
        // One that died as well has a successor, which tries.
        if (!store.alive) return;
        this.#events.onTrouble(reportOf(error));
        await sleep(REOPEN_EVERY_MS);
      }
    }
  }
}
