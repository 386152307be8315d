/**
 * The appliance's tracks in the live room, one for each recorded stream, with the same name. Packets go to the bridge
 * as they arrive and never wait for it; what it cannot take is dropped up to the next key frame.
 */
import type { ApplianceState, SourceHealth } from '../../common/applianceState.ts';
import type { Stream } from '../../common/stream.ts';
import type { BridgeOrder, BridgeReport, BridgeTrack } from './bridgeWire.ts';
import { dataFrame, packetFrame } from './bridgeWire.ts';
import {
  kindOf,
  type LiveDescription,
  SESSION_ATTRIBUTE,
  sessionAttribute,
  trackAttribute,
} from './liveDescriptions.ts';
import { type Row, sampleMessages } from './sampleMessage.ts';

export interface LiveTracksOptions {
  order: (order: BridgeOrder) => void;
  /** False when the bridge did not accept it. */
  offer: (frame: Buffer) => boolean;
  /** A subscriber needs a key frame. */
  onKeyFrame: (stream: string) => void;
  /** A track that the room does not support, reported once. */
  onRefused: (stream: string, message: string) => void;
}

interface Track {
  handle: number;
  stream: Stream;
  kind: LiveDescription['kind'];
  muted: boolean;
  refused: string;
  /** Number of the last packet for the bridge: a jump in it shows the bridge that packets are missing. */
  number: number;
  last: { seq: number; liveOnly: boolean } | null;
}

const SEQ_OFFSET = 4 + 8;

export class LiveTracks {
  readonly #options: LiveTracksOptions;
  readonly #tracks = new Map<string, Track>();
  readonly #attributes = new Map<string, string>();
  #nextHandle = 0;
  #on = false;

  constructor(options: LiveTracksOptions) {
    this.#options = options;
  }

  /** Whether the kit wants a live view. */
  set on(on: boolean) {
    this.#on = on;
  }

  get on(): boolean {
    return this.#on;
  }

  /** A publisher has declared a stream, or declared it again. @param sourceKind of its source in the kit */
  declared(stream: Stream, sourceKind: string): void {
    const known = this.#tracks.get(stream.id);
    const kept = known && known.stream.kind === stream.kind ? known : null;
    if (known && !kept) this.#options.order({ type: 'untrack', handle: known.handle });
    const kind = kindOf(stream, sourceKind);
    const track = kept ?? {
      handle: this.#nextHandle++,
      stream,
      kind,
      muted: false,
      refused: '',
      number: 0,
      last: null,
    };
    track.stream = stream;
    track.kind = kind;
    this.#tracks.set(stream.id, track);
    this.#announce(track);
  }

  /** @param bytes a packet of `wire.ts`; it stays the caller's. @param liveOnly it is not recorded */
  packet(stream: Stream, bytes: Uint8Array, engineNs: bigint, liveOnly: boolean): void {
    const track = this.#tracks.get(stream.id);
    if (!this.#on || !track) return;
    const frame = packetFrame(bytes, track.handle, Number(engineNs));
    if (!frame) return;
    const seq = frame.readDoubleLE(SEQ_OFFSET);
    const follows = track.last !== null && track.last.liveOnly === liveOnly && seq === track.last.seq + 1;
    track.number += follows ? 1 : 2;
    track.last = { seq, liveOnly };
    frame.writeDoubleLE(track.number, SEQ_OFFSET);
    if (!this.#options.offer(frame)) track.last = null;
  }

  /** @param clock whose seconds the rows have */
  rows(stream: string, rows: readonly Row[], clock: 'session' | 'engine'): void {
    const track = this.#tracks.get(stream);
    if (!this.#on || track?.stream.kind !== 'samples') return;
    for (const { payload, userTimestamp } of sampleMessages(rows, clock))
      this.#options.offer(dataFrame(track.handle, userTimestamp, payload));
  }

  /** The displayed status of the sources and the session. */
  describe({ sources, session }: Pick<ApplianceState, 'sources' | 'session'>, zeroUnixMs: number | null): void {
    const told = new Map([[SESSION_ATTRIBUTE, sessionAttribute(session, zeroUnixMs)]]);
    for (const [id, track] of this.#tracks) {
      const source = sources.find(({ id: of }) => of === track.stream.source);
      if (!source) {
        this.#options.order({ type: 'untrack', handle: track.handle });
        this.#tracks.delete(id);
        continue;
      }
      told.set(id, trackAttribute(track.stream, track.kind, source, session, track.refused));
      this.#mute(track, isSilent(source, session));
    }
    const attributes: Record<string, string> = {};
    for (const [key, value] of told) if (this.#attributes.get(key) !== value) attributes[key] = value;
    for (const key of this.#attributes.keys()) if (!told.has(key)) attributes[key] = '';
    this.#attributes.clear();
    for (const [key, value] of told) this.#attributes.set(key, value);
    if (Object.keys(attributes).length > 0) this.#options.order({ type: 'describe', attributes });
  }

  /** A new bridge starts empty. */
  tellAll(): void {
    for (const track of this.#tracks.values()) this.#announce(track);
    this.#options.order({ type: 'describe', attributes: Object.fromEntries(this.#attributes) });
  }

  onReport(report: BridgeReport): void {
    if (!('handle' in report)) return;
    const track = [...this.#tracks.values()].find(({ handle }) => handle === report.handle);
    if (!track) return;
    if (report.type === 'keyFrame') this.#options.onKeyFrame(track.stream.id);
    if (report.type === 'published') track.refused = '';
    if (report.type === 'refused' && track.refused === '') {
      track.refused = `Not shown live: ${report.message}.`;
      this.#options.onRefused(track.stream.id, report.message);
    }
  }

  #announce({ handle, stream, kind, muted }: Track): void {
    if (stream.kind === 'samples' || kind === 'samples') {
      this.#options.order({ type: 'data', handle, name: stream.id });
      return;
    }
    const { codec, description } = stream.config;
    const order: BridgeTrack = {
      type: 'track',
      handle,
      name: stream.id,
      kind: stream.kind,
      source: kind,
      codec,
      muted,
      ...(description === undefined ? {} : { description }),
      ...(stream.kind === 'video'
        ? { width: stream.config.codedWidth, height: stream.config.codedHeight }
        : { channels: stream.config.numberOfChannels }),
    };
    this.#options.order(order);
  }

  #mute(track: Track, muted: boolean): void {
    if (track.muted === muted || track.stream.kind === 'samples') return;
    track.muted = muted;
    this.#options.order({ type: 'mute', handle: track.handle, muted });
  }
}

/** A track that sends nothing is muted, so that a client can distinguish idle from failed. */
const isSilent = ({ state, paused }: SourceHealth, session: ApplianceState['session']): boolean =>
  paused || state.state !== 'streaming' || session?.state === 'paused';
