/** Shared by the store's tests and benches: synthetic session data that can be counted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type SampleStream, type Stream, streamSchema } from '../../common/stream.ts';
import { type Column, encodePacket, encodeSamples, UNKNOWN_US } from '../../common/wire.ts';
import type { FitRow, SessionMeta } from '../../session/format/rows.ts';
import { SessionStore, type StoreOptions } from './sessionStore.ts';
import type { StoreEvent } from './storeApi.ts';

export const CLOCK = 'capture/epoch-0001';

export function temporaryFolder(): { folder: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'fieldroom-store-'));
  return { folder: join(root, 'session'), remove: () => rmSync(root, { recursive: true, force: true }) };
}

export function testMeta(change: Partial<SessionMeta> = {}): SessionMeta {
  return {
    id: '20261122-141503-7f3a9c',
    study: 'pilot',
    name: 'Lesson 1',
    zeroEngineNs: process.hrtime.bigint(),
    zeroWallNs: BigInt(Date.now()) * 1_000_000n,
    clockEpoch: 'boot-1',
    kit: { name: 'test' },
    software: { fieldroom: '0.1.0', node: process.versions.node, platform: process.platform },
    simulated: true,
    ...change,
  };
}

/** A live fit: session time is publisher time plus `offsetNs`. */
export function testFit(offsetNs: bigint, change: Partial<FitRow> = {}): FitRow {
  return {
    clock: CLOCK,
    kind: 'live',
    fromNs: -(2 ** 52),
    toNs: null,
    referenceNs: 0,
    offsetNs,
    drift: 0,
    uncertaintyNs: 150_000,
    ...change,
  };
}

export function sampleStream(
  id: string,
  channels: SampleStream['channels'] = channelsOf(3),
  deviceClock = false,
): SampleStream {
  const device = deviceClock ? { deviceClock: { kind: 'counter', tickNs: 1000, description: '' } } : {};
  return streamSchema.parse({ kind: 'samples', id, source: id, channels, simulated: true, ...device }) as SampleStream;
}

export const channelsOf = (count: number): SampleStream['channels'] =>
  Array.from({ length: count }, (_, i) => ({ name: `ch${i}`, unit: 'mV', type: 'number' as const }));

export const videoStream = (id: string, config: Record<string, unknown> = {}): Stream =>
  streamSchema.parse({
    kind: 'video',
    id,
    source: id,
    simulated: true,
    config: { codec: 'vp8', codedWidth: 320, codedHeight: 240, ...config },
  });

export const audioStream = (id: string, config: Record<string, unknown> = {}): Stream =>
  streamSchema.parse({
    kind: 'audio',
    id,
    source: id,
    simulated: true,
    config: { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1, preSkip: 312, ...config },
  });

/** Packet bytes of the wire whose payload begins with its sequence number. */
export function testPacket(
  seq: number,
  options: {
    size?: number;
    key?: boolean;
    publisherNs?: number;
    deviceNs?: number;
    durationNs?: number;
    data?: Uint8Array;
    /** Without stated time bounds. */
    unbounded?: boolean;
  } = {},
): Uint8Array<ArrayBuffer> {
  const data = options.data ?? countedPayload(seq, options.size ?? 64);
  const durationNs = options.durationNs ?? 20_000_000;
  return encodePacket({
    handle: 1,
    seq,
    publisherNs: options.publisherNs ?? seq * durationNs,
    deviceNs: options.deviceNs ?? Number.NaN,
    durationNs,
    ...(options.unbounded ? {} : { bounds: { earlyUs: 2000, lateUs: 1000 } }),
    key: options.key ?? true,
    crc32: crc32(data),
    data,
  });
}

export function countedPayload(seq: number, size: number): Uint8Array {
  const data = new Uint8Array(size);
  for (let i = 8; i < size; i += 1) data[i] = (seq * 31 + i * 7) & 255;
  new DataView(data.buffer).setFloat64(0, seq, true);
  return data;
}

/**
 * A batch of `count` samples, 1 ms apart by default, whose channel c is seq * (c + 1); every seventh has no stated
 * arrival bound.
 */
export function testSamples(
  firstSeq: number,
  count: number,
  channels = 3,
  stepNs = 1_000_000,
): Uint8Array<ArrayBuffer> {
  const publisherNs = Float64Array.from({ length: count }, (_, i) => (firstSeq + i) * stepNs);
  const columns: Column[] = Array.from({ length: channels }, (_, c) =>
    Float64Array.from({ length: count }, (_, i) => (firstSeq + i) * (c + 1)),
  );
  const earlyUs = Uint32Array.from({ length: count }, (_, i) => ((firstSeq + i) % 7 === 0 ? UNKNOWN_US : 350));
  return encodeSamples({ handle: 1, firstSeq, publisherNs, deviceTime: null, earlyUs, columns });
}

/** A store in this thread that collects its events. */
export function testStore(options: StoreOptions = {}): {
  store: SessionStore;
  events: StoreEvent[];
  open: (folder: string, meta?: SessionMeta) => void;
  declare: (stream: Stream, clock?: string) => Promise<{ stream: number; nextSeq: number }>;
} {
  const events: StoreEvent[] = [];
  const store = new SessionStore((event) => events.push(event), options);
  return {
    store,
    events,
    open: (folder, meta = testMeta()) => void store.handle({ type: 'open', request: 0, folder, meta }),
    declare: (stream, clock = CLOCK) =>
      store.handle({ type: 'declare', request: 0, stream, clock }) as Promise<{ stream: number; nextSeq: number }>,
  };
}

/**
 * A session left as by a crash: 200 packets of `cam-1`, a key each 30, and 10,000 samples of `heart`.
 * @param samplesAtOnce samples in one commit
 */
export async function writeCrashedSession(folder: string, samplesAtOnce = 10_000): Promise<void> {
  const { store, open, declare } = testStore();
  open(folder);
  store.handle({ type: 'fit', fit: testFit(0n) });
  await declare(videoStream('cam-1'));
  await declare(sampleStream('heart'));
  for (let seq = 0; seq < 200; seq += 1) {
    const bytes = testPacket(seq, { key: seq % 30 === 0, size: 500 });
    store.handle({ type: 'packet', stream: 'cam-1', clock: CLOCK, bytes });
  }
  for (let seq = 0; seq < 10_000; seq += samplesAtOnce) {
    store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(seq, samplesAtOnce) });
    store.flush();
  }
  store.handle({ type: 'close', request: 1 });
}
