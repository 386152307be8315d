/**
 * The window's data, outside React: one connection to the door's events, reopened when it breaks.
 *
 *   bridge ─ address ─▶ WebSocket /v1/events ─ state, level, preview, samples ─▶ topics ─▶ components
 *
 * A topic notifies only its listeners, so a preview picture does not rerender the whole window.
 */
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import { type DoorEvent, doorEventSchema } from '../../electron/common/door.ts';
import { type DoorAddress, DoorClient } from '../../electron/common/doorClient.ts';
import type { ErrorReport } from '../../electron/common/errors.ts';
import { ProvenSocket } from '../../electron/common/provenSocket.ts';
import type { Socket } from '../../electron/common/publisher/publisher.ts';
import { bridge } from '../components/bridge.ts';
import { type SampleRow, SampleWindow } from './sampleWindow.ts';

export type Topic = 'state' | 'connection' | 'problems' | `preview:${string}` | `level:${string}` | `samples:${string}`;

export interface Connection {
  /** `waiting`: just disconnected; the data shown may be from a recorder that has ended. */
  state: 'starting' | 'open' | 'waiting' | 'lost';
  /** `performance.now()` when this status began. */
  sinceMs: number;
}

const RETRY_MS = [100, 250, 500, 1000];
/** The state arrives once a second; after this long without it, the recorder is stuck or the connection is dead. */
const SILENT_MS = 2500;
const LOST_AFTER_MS = 3000;

export class DoorStore {
  state: ApplianceState | null = null;
  /** `performance.now()` when the state arrived. */
  stateAtMs = 0;
  connection: Connection = { state: 'starting', sinceMs: performance.now() };
  problems: readonly ErrorReport[] = [];
  readonly #previews = new Map<string, string>();
  readonly #samples = new Map<string, SampleWindow>();
  readonly #listeners = new Map<Topic, Set<() => void>>();
  #address: DoorAddress | null = null;
  #client: DoorClient | null = null;
  #socket: ProvenSocket | null = null;
  #tries = 0;
  #silence: number | undefined;
  #losing: number | undefined;
  readonly #peaks = new Map<string, number>();

  /** Connects, and stays connected until the page is closed. */
  open(): void {
    const app = bridge();
    app.onDoor((address) => this.#use(address));
    app.onProblems((problems) => this.#setProblems(problems));
    void app.problems().then((problems) => this.#setProblems(problems));
    void app.door().then((address) => this.#use(address));
  }

  /** @throws Error if there is no recorder yet */
  get client(): DoorClient {
    if (!this.#client) throw new Error('The recorder is not connected yet.');
    return this.#client;
  }

  /** The newest preview picture: JPEG, base64. */
  preview(source: string): string | undefined {
    return this.#previews.get(source);
  }

  peak(source: string): number {
    return this.#peaks.get(source) ?? 0;
  }

  samples(stream: string): SampleWindow {
    let window = this.#samples.get(stream);
    if (!window) {
      window = new SampleWindow();
      this.#samples.set(stream, window);
    }
    return window;
  }

  readonly subscribe = (topic: Topic, listener: () => void): (() => void) => {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  };

  #use(address: DoorAddress): void {
    if (address.url === this.#address?.url && address.token === this.#address.token) return;
    this.#address = address;
    this.#client = new DoorClient(address, (url, init) => fetch(url, init));
    this.#tries = 0;
    this.#loseSoon();
    this.#connect();
  }

  #connect(): void {
    const address = this.#address;
    if (!address) return;
    this.#socket?.close();
    const socket = new ProvenSocket({
      address: () => address,
      path: '/v1/events',
      fetch: (url, init) => fetch(url, init),
      open: (url, protocols) => new WebSocket(url, protocols) as unknown as Socket,
    });
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      socket.send(JSON.stringify({ type: 'watch', previews: true, samples: true }));
      this.#expect(socket);
    };
    socket.onmessage = (message) => {
      const parsed = doorEventSchema.safeParse(JSON.parse(String(message.data)));
      if (parsed.success) this.#take(parsed.data, socket);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#loseSoon();
      window.setTimeout(
        () => this.#socket === socket && this.#connect(),
        RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)],
      );
      this.#tries += 1;
    };
  }

  #take(event: DoorEvent, socket: ProvenSocket): void {
    switch (event.type) {
      case 'state':
        this.stateAtMs = performance.now();
        this.state = event.state;
        this.#expect(socket);
        this.#setConnection('open');
        this.#tell('state');
        return;
      case 'preview':
        this.#previews.set(event.source, event.jpeg);
        this.#tell(`preview:${event.source}`);
        return;
      case 'level':
        this.#peaks.set(event.source, event.peak);
        this.#tell(`level:${event.source}`);
        return;
      case 'samples':
        this.samples(event.stream).add(
          event.rows.flatMap(([seconds, ...values]): SampleRow[] =>
            typeof seconds === 'number' ? [[seconds, ...values]] : [],
          ),
        );
        this.#tell(`samples:${event.stream}`);
        return;
      case 'event':
        return;
    }
  }

  #expect(socket: ProvenSocket): void {
    window.clearTimeout(this.#silence);
    this.#silence = window.setTimeout(() => {
      this.#setConnection('lost');
      socket.close();
    }, SILENT_MS);
  }

  /** A restarting recorder is back soon; one that is not is an alarm. */
  #loseSoon(): void {
    if (this.connection.state !== 'open') return;
    window.clearTimeout(this.#silence);
    this.#setConnection('waiting');
    this.#losing = window.setTimeout(() => this.#setConnection('lost'), LOST_AFTER_MS);
  }

  #setConnection(state: Connection['state']): void {
    window.clearTimeout(this.#losing);
    // Not connected yet is different from lost.
    if (state === this.connection.state || (state === 'lost' && this.connection.state === 'starting')) return;
    this.connection = { state, sinceMs: performance.now() };
    this.#tell('connection');
  }

  #setProblems(problems: readonly { code: string; message: string; nextStep?: string | undefined }[]): void {
    this.problems = problems as readonly ErrorReport[];
    this.#tell('problems');
  }

  #tell(topic: Topic): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener();
  }
}
