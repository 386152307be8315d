/**
 * One camera's encoder: chooses what the computer supports, falls back to software if a hardware encoder cannot be
 * created or fails at run time, and matches each chunk with the frame it came from. A frame dropped by the encoder is
 * reported.
 */
import { crc32 } from '../../../electron/common/crc32.ts';
import type { TimeBounds } from '../../../electron/common/wire.ts';
import type { CameraSettings, VideoConfig, WorkerPacket } from '../workerMessages.ts';
import { type Candidate, candidates } from './videoEncoderConfigs.ts';

export interface FrameTimes {
  publisherNs: number;
  deviceNs: number;
  durationNs: number;
  bounds: TimeBounds;
}

export interface VideoEncodingEvents {
  config(config: VideoConfig, facts: Record<string, unknown>): void;
  packet(packet: WorkerPacket): void;
  /** Frames that were encoded but never came out. */
  swallowed(fromNs: number, toNs: number, count: number): void;
  fallback(reason: string): void;
  /** No encoder accepts these frames. */
  impossible(reason: string): void;
}

/**
 * Each picture is decoded starting from its key picture: one second keeps scrubbing in a review fast (two took half as
 * long again).
 */
const KEY_INTERVAL_NS = 0.95e9;
/** An error within this many frames of the start means that the configuration itself does not work. */
const TRIAL_FRAMES = 3;

export class VideoEncoding {
  readonly #settings: CameraSettings;
  readonly #frameRate: number;
  readonly #events: VideoEncodingEvents;
  #encoder: VideoEncoder | null = null;
  #candidates: Candidate[] = [];
  #current: Candidate | null = null;
  #size = '';
  #pending: { timestamp: number; times: FrameTimes }[] = [];
  #lastKeyNs = Number.NEGATIVE_INFINITY;
  #wantKey = true;
  #choosing = false;
  #closed = false;
  #out = 0;

  constructor(settings: CameraSettings, frameRate: number, events: VideoEncodingEvents) {
    this.#settings = settings;
    this.#frameRate = frameRate;
    this.#events = events;
  }

  /** Frames waiting inside the encoder. */
  get queue(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  /** False while a configuration is being tried. */
  get ready(): boolean {
    return this.#encoder?.state === 'configured' && !this.#choosing;
  }

  /** Makes the next frame a key frame. */
  wantKey(): void {
    this.#wantKey = true;
  }

  /** Makes sure that an encoder for frames of this size exists; must be awaited before `encode`. */
  async prepare(width: number, height: number): Promise<void> {
    const size = `${width}x${height}`;
    if (size === this.#size || this.#choosing) return;
    this.#size = size;
    this.#candidates = candidates(this.#settings, width & ~1, height & ~1, this.#frameRate, true);
    await this.#next('');
  }

  /** The caller keeps ownership of the frame. */
  encode(frame: VideoFrame, times: FrameTimes): void {
    const encoder = this.#encoder;
    if (encoder?.state !== 'configured') return;
    const keyFrame = this.#wantKey || times.publisherNs - this.#lastKeyNs >= KEY_INTERVAL_NS;
    if (keyFrame) this.#lastKeyNs = times.publisherNs;
    this.#wantKey = false;
    this.#pending.push({ timestamp: frame.timestamp, times });
    try {
      encoder.encode(frame, { keyFrame });
    } catch (error) {
      this.#pending.pop();
      this.#failed(encoder, error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #drop(): void {
    if (this.#encoder && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
    const lost = this.#pending.splice(0);
    if (lost.length > 0 && !this.#closed) this.#tellSwallowed(lost);
  }

  async #next(reason: string): Promise<void> {
    this.#choosing = true;
    this.#drop();
    let why = reason;
    for (let candidate = this.#candidates.shift(); candidate && !this.#closed; candidate = this.#candidates.shift()) {
      const supported = await VideoEncoder.isConfigSupported(candidate.config).catch(() => null);
      if (!supported?.supported || this.#closed) continue;
      const encoder: VideoEncoder = new VideoEncoder({
        output: (chunk, metadata) => this.#output(encoder, chunk, metadata),
        error: (error) => this.#failed(encoder, error),
      });
      try {
        encoder.configure(candidate.config);
      } catch (error) {
        why = String(error);
        continue;
      }
      this.#encoder = encoder;
      this.#current = candidate;
      this.#out = 0;
      this.#wantKey = true;
      this.#choosing = false;
      return;
    }
    this.#choosing = false;
    if (!this.#closed) this.#events.impossible(why || 'no encoder supports this size and codec');
  }

  #failed(encoder: VideoEncoder, error: unknown): void {
    if (encoder !== this.#encoder || this.#closed) return;
    const was = this.#current;
    // An encoder that worked and then failed (a driver reset, no sessions left) is replaced by software; software
    // itself is restarted.
    if (this.#out > TRIAL_FRAMES && was)
      this.#candidates =
        was.acceleration === 'software' ? [was] : this.#candidates.filter((c) => c.acceleration === 'software');
    if (was && (this.#out > TRIAL_FRAMES || was.acceleration === 'hardware')) this.#events.fallback(String(error));
    void this.#next(String(error));
  }

  #output(encoder: VideoEncoder, chunk: EncodedVideoChunk, metadata: EncodedVideoChunkMetadata | undefined): void {
    if (encoder !== this.#encoder || this.#closed) return;
    const at = this.#pending.findIndex((frame) => frame.timestamp === chunk.timestamp);
    if (at < 0) return;
    const [frame] = this.#pending.splice(at, 1);
    if (at > 0) this.#tellSwallowed(this.#pending.splice(0, at));
    if (!frame) return;
    this.#out += 1;
    if (metadata?.decoderConfig) this.#declare(metadata.decoderConfig);
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const key = chunk.type === 'key';
    if (key) this.#lastKeyNs = Math.max(this.#lastKeyNs, frame.times.publisherNs);
    this.#events.packet({ ...frame.times, key, crc32: crc32(data), data });
  }

  #declare(decoder: VideoDecoderConfig): void {
    const current = this.#current as Candidate;
    const { config } = current;
    this.#events.config(
      {
        kind: 'video',
        codec: decoder.codec,
        codedWidth: decoder.codedWidth ?? config.width,
        codedHeight: decoder.codedHeight ?? config.height,
        description: bytesOf(decoder.description),
      },
      { encoder: current.acceleration, codec: decoder.codec, bitrate: config.bitrate, latencyMode: config.latencyMode },
    );
  }

  #tellSwallowed(lost: { times: FrameTimes }[]): void {
    const first = lost[0] as { times: FrameTimes };
    const last = lost.at(-1) as { times: FrameTimes };
    this.#events.swallowed(first.times.publisherNs, last.times.publisherNs + last.times.durationNs, lost.length);
  }
}

export function bytesOf(source: AllowSharedBufferSource | undefined): Uint8Array | null {
  if (!source) return null;
  return ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength).slice()
    : new Uint8Array(source).slice();
}
