/**
 * The room as a publisher: media that the bridge receives from other participants goes through the ingest like all
 * recorded data. The bridge stamps it on the engine's clock.
 */
import { randomUUID } from 'node:crypto';
import type { IngestSession } from '../../common/ingest.ts';
import type { PublishedStream } from '../../common/publisher/publishedStream.ts';
import { Publisher, type Socket } from '../../common/publisher/publisher.ts';
import type { Stream } from '../../common/stream.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import type { BridgeRecorded, BridgeReport, Foreign } from './bridgeWire.ts';
import { dataStream, mediaStream, messageStream, roomStreamId } from './roomStreams.ts';

/** Texts and data frames of one participant that are recorded per second; the excess is dropped and reported. */
const MAX_TEXTS_PER_SECOND = 200;
const MAX_STREAMS = 500;

/** The displayed state of a participant's track. */
export interface RoomTrackState {
  identity: string;
  track: string;
  sid: string;
  recorded: 'waiting' | 'recorded' | 'refused';
  reason: string;
}

export interface RoomRecorderOptions {
  /** Opens a socket to the door's ingest. */
  connect: () => Socket;
  clock: EngineClock;
  /** A recording starts or ends. */
  onRecording: (recording: boolean) => void;
  onChange: () => void;
}

interface Entry {
  id: string;
  stream: PublishedStream;
  foreign: Foreign;
  /** End of the recorded data while nothing arrives. */
  openGap: { fromNs: number; cause: string } | null;
  lastNs: number;
}

export class RoomRecorder {
  readonly #options: RoomRecorderOptions;
  readonly #publisher: Publisher;
  readonly #tracks = new Map<string, RoomTrackState>();
  /** Streams by id, and by the current bridge's handle. */
  readonly #entries = new Map<string, Entry>();
  readonly #byHandle = new Map<number, Entry>();
  readonly #taken = new Map<string, { second: number; count: number }>();
  #session: IngestSession | null = null;

  constructor(options: RoomRecorderOptions) {
    this.#options = options;
    this.#publisher = new Publisher({
      connect: options.connect,
      epoch: randomUUID(),
      now: () => Number(options.clock.now()),
      clockResolutionNs: 1,
      bufferLimitBytes: 64 * 1024 * 1024,
      onSession: (session) => this.#onSession(session),
    });
  }

  open(): void {
    this.#publisher.open();
  }

  close(): void {
    this.#publisher.close();
  }

  get recording(): boolean {
    return this.#session?.state === 'recording';
  }

  /** Every track of other participants in the room. */
  get tracks(): RoomTrackState[] {
    return [...this.#tracks.values()];
  }

  onReport(report: BridgeReport): void {
    switch (report.type) {
      case 'foreign':
        this.#onForeign(report);
        break;
      case 'stream':
        this.#onStream(report);
        break;
      case 'gap': {
        const { fromNs, toNs, cause, lost } = report;
        this.#byHandle.get(report.handle)?.stream.gap(fromNs, toNs, cause, lost > 0 ? lost : null);
        break;
      }
      case 'end':
        this.#ended(report.handle, report.fromNs, report.cause);
        break;
      case 'message':
        this.#onMessage(report);
        break;
    }
  }

  onRecorded(recorded: BridgeRecorded): void {
    const entry = this.#byHandle.get(recorded.handle);
    if (!entry) return;
    const { timeNs, data } = recorded;
    if (recorded.kind === 'data') {
      if (!this.#mayTake(entry.foreign.identity, timeNs, entry)) return;
      const text = decode(data);
      entry.stream.samples(Float64Array.of(timeNs), null, [
        [text ?? Buffer.from(data).toString('base64')],
        Float64Array.of(text === null ? 1 : 0),
        Float64Array.of(Number(recorded.userTimestamp)),
      ]);
    } else {
      this.#endGap(entry, timeNs);
      const { mediaNs, durationNs, key } = recorded;
      entry.stream.packet({ publisherNs: timeNs, deviceNs: mediaNs, durationNs, key, data });
      entry.lastNs = timeNs + durationNs;
    }
  }

  /** The bridge died: its tracks are missing until the next one receives them again. */
  bridgeLost(): void {
    for (const handle of [...this.#byHandle.keys()]) this.#ended(handle, null, 'bridge-lost');
    this.#tracks.clear();
    this.#options.onChange();
  }

  #onSession(session: IngestSession | null): void {
    const another = session?.id !== this.#session?.id;
    this.#session = session;
    if (another) for (const entry of this.#entries.values()) entry.openGap = null;
    this.#options.onRecording(session?.state === 'recording');
  }

  #onForeign({ foreign, state, message }: Extract<BridgeReport, { type: 'foreign' }>): void {
    const { identity, track, sid } = foreign;
    if (state === 'ended') this.#tracks.delete(sid);
    else this.#tracks.set(sid, { identity, track, sid, recorded: state, reason: message });
    if (state === 'refused' || (state === 'waiting' && message !== ''))
      this.#publisher.event('warn', 'room.not-recorded', `${identity}, track "${track}": ${message}`);
    this.#options.onChange();
  }

  #onStream(report: Extract<BridgeReport, { type: 'stream' }>): void {
    const { foreign, handle } = report;
    const id = this.#idFor(foreign, foreign.track || foreign.source || foreign.kind);
    const declaration = foreign.kind === 'data' ? dataStream(id, foreign) : mediaStream(id, report);
    if (declaration) this.#byHandle.set(handle, this.#entry(declaration, foreign));
  }

  /** Two simultaneous tracks with one name are two streams; a later track with the same name continues the stream. */
  #idFor(foreign: Foreign, track: string): string {
    const id = roomStreamId(foreign.identity, track);
    const isFree = (name: string): boolean => {
      const entry = this.#entries.get(name);
      if (!entry) return true;
      const live = [...this.#byHandle.values()].includes(entry);
      return entry.foreign.kind === foreign.kind && (entry.foreign.sid === foreign.sid || !live);
    };
    for (let n = 1; ; n += 1) {
      const name = n === 1 ? id : `${id}-${n}`;
      if (isFree(name)) return name;
    }
  }

  #entry(declaration: Stream, foreign: Foreign): Entry {
    const stream = this.#publisher.declare(declaration);
    const known = this.#entries.get(declaration.id);
    const entry = known ?? { id: declaration.id, stream, foreign, openGap: null, lastNs: 0 };
    entry.stream = stream;
    entry.foreign = foreign;
    this.#entries.set(declaration.id, entry);
    this.#publisher.report({
      source: declaration.source,
      state: 'streaming',
      message: '',
      nextStep: '',
      code: '',
      device: foreign.identity.slice(0, 300),
      candidates: [],
    });
    return entry;
  }

  #ended(handle: number, fromNs: number | null, cause: string): void {
    const entry = this.#byHandle.get(handle);
    if (!entry) return;
    this.#byHandle.delete(handle);
    // A track that its owner unpublished has ended; one that was cut off has missing data.
    if (cause === 'unpublished' || !this.recording || entry.lastNs === 0) return;
    entry.openGap = { fromNs: fromNs ?? entry.lastNs, cause };
    entry.stream.gap(entry.openGap.fromNs, null, cause, null);
  }

  #endGap(entry: Entry, atNs: number): void {
    if (!entry.openGap) return;
    const { fromNs, cause } = entry.openGap;
    entry.openGap = null;
    entry.stream.gap(fromNs, Math.max(fromNs, atNs), cause, null);
  }

  #onMessage({ foreign, fromNs, topic, text, state, code }: Extract<BridgeReport, { type: 'message' }>): void {
    if (!this.recording || this.#entries.size >= MAX_STREAMS) return;
    const id = roomStreamId(foreign.identity, 'messages');
    const entry = this.#entries.get(id) ?? this.#entry(messageStream(id, foreign), foreign);
    if (!this.#mayTake(foreign.identity, fromNs, entry)) return;
    entry.stream.samples(Float64Array.of(fromNs), null, [
      [topic],
      [text],
      Float64Array.of(state === 'base64' ? 1 : 0),
      Float64Array.of(code === 'too-large' ? 1 : 0),
    ]);
  }

  #mayTake(identity: string, atNs: number, entry: Entry): boolean {
    const second = Math.floor(atNs / 1e9);
    const taken = this.#taken.get(identity);
    if (taken?.second !== second) {
      this.#taken.set(identity, { second, count: 1 });
      return true;
    }
    taken.count += 1;
    if (taken.count <= MAX_TEXTS_PER_SECOND) return true;
    entry.stream.gap(atNs, atNs, 'flood', 1);
    return false;
  }
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
