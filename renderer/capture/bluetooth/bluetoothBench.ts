/** For tests: all Bluetooth code with a fake radio; what it sends is decoded from the wire. */
import { vi } from 'vitest';
import type { PublisherMessage, SourceState } from '../../../electron/common/ingest.ts';
import { type Source, sourceSchema } from '../../../electron/common/kit.ts';
import { Publisher, type Socket } from '../../../electron/common/publisher/publisher.ts';
import type { Stream } from '../../../electron/common/stream.ts';
import { decodeSamples, peek, unpack } from '../../../electron/common/wire.ts';
import { BluetoothSources } from './bluetoothSources.ts';
import { FakeBluetooth } from './fakeBluetooth.ts';

/** Long enough for the publisher to send what it has collected. */
const PARCEL_MS = 25;

export const nowNs = (): number => Math.round(performance.now() * 1e6);
export const ble = (id: string, match: object = {}, more: object = {}): Source =>
  sourceSchema.parse({ id, kind: 'ble', driver: 'ble-heart-rate', match, ...more });

export class Bench {
  readonly bluetooth = new FakeBluetooth();
  readonly messages: PublisherMessage[] = [];
  readonly sources: BluetoothSources;
  readonly #binary: Uint8Array[] = [];
  readonly #socket: Socket;

  constructor() {
    const socket: Socket = {
      binaryType: '',
      readyState: 1,
      bufferedAmount: 0,
      onopen: null,
      onclose: null,
      onerror: null,
      onmessage: null,
      close: () => undefined,
      send: (data) => {
        if (typeof data !== 'string') this.#binary.push(...unpack(data));
        else {
          const message = JSON.parse(data) as PublisherMessage;
          this.messages.push(message);
          if (message.type === 'declare') this.tell({ type: 'declared', handle: message.handle, nextSeq: 0 });
        }
      },
    };
    this.#socket = socket;
    const publisher = new Publisher({
      connect: () => socket,
      epoch: 'x'.repeat(8),
      now: nowNs,
      clockResolutionNs: 1,
      onSession: (session) => this.sources.sessionChanged(session?.state === 'recording', session?.pausedSources ?? []),
    });
    this.sources = new BluetoothSources(this.bluetooth, {
      publisher,
      nowNs,
    });
    publisher.open();
    socket.onopen?.({} as never);
    this.tell({ type: 'session', session: { id: 's1', state: 'recording', pausedSources: [] } });
  }

  tell(message: object): void {
    this.#socket.onmessage?.({ data: JSON.stringify(message) });
  }

  states(source: string): SourceState[] {
    return this.messages.filter((message) => message.type === 'sourceState').filter((state) => state.source === source);
  }
  state(source: string): SourceState | undefined {
    return this.states(source).at(-1);
  }
  stream(id: string): Stream | undefined {
    return this.messages.filter((message) => message.type === 'declare').findLast(({ stream }) => stream.id === id)
      ?.stream;
  }
  gaps(id: string): { cause: string; fromNs: number; toNs: number | null }[] {
    const handle = this.#handle(id);
    return this.messages.filter((message) => message.type === 'gap').filter((gap) => gap.handle === handle);
  }
  /** [publisherNs, ...values] of each row that was sent. */
  rows(id: string): number[][] {
    vi.advanceTimersByTime(PARCEL_MS);
    const handle = this.#handle(id);
    const stream = this.stream(id);
    if (stream?.kind !== 'samples') return [];
    return this.#binary
      .filter((bytes) => peek(bytes)?.handle === handle)
      .map((bytes) => decodeSamples(bytes, stream.channels))
      .flatMap(({ publisherNs, columns }) =>
        [...publisherNs].map((at, i) => [at, ...columns.map((column) => Number(column[i]))]),
      );
  }
  #handle(id: string): number | undefined {
    return this.messages.filter((message) => message.type === 'declare').find(({ stream }) => stream.id === id)?.handle;
  }
}
