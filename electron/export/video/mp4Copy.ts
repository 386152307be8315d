/**
 * Copies the encoded frames of a stream into MP4 files that begin at session time 0. Each frame is at its session time and
 * is shown until the next one, so the picture is frozen during a gap.
 */
import {
  EncodedPacket,
  EncodedVideoPacketSource,
  FilePathTarget,
  Mp4OutputFormat,
  Output,
  type VideoCodec,
} from 'mediabunny';
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { packetsOf, type TimedPacket } from '../source/packets.ts';

export interface Mp4Part {
  path: string;
  /** Times of all frames in the file, in order; a frame that only fills the time before the first one is marked. */
  frames: { sessionNs: number; seq: number; filler: boolean }[];
  /** Times without recorded video, for captions. */
  frozen: { fromNs: number; toNs: number }[];
  codec: VideoCodec;
}

export interface CopyOptions {
  fromNs: number;
  toNs: number;
  /** The path of part `n`, from 1. */
  pathOf: (n: number) => Promise<string>;
  /** Packets that cannot be decoded, because packets they refer to are missing. */
  onSkipped: (packets: number) => void;
  onProgress: (sessionNs: number) => void;
}

/** A frame shown for longer than this is a gap. */
const FROZEN_NS = 500e6;

const CODECS: [RegExp, VideoCodec][] = [
  [/^avc[13]/, 'avc'],
  [/^(hev1|hvc1)/, 'hevc'],
  [/^vp8/, 'vp8'],
  [/^vp09/, 'vp9'],
  [/^av01/, 'av1'],
];

interface VideoConfig {
  codec: string;
  codedWidth: number;
  codedHeight: number;
  description?: string;
}

export async function copyToMp4(source: ExportSource, stream: SourceStream, options: CopyOptions): Promise<Mp4Part[]> {
  const { fromNs, toNs, onSkipped, onProgress } = options;
  const parts: Mp4Part[] = [];
  let open: OpenPart | null = null;
  let expected = -1;
  let skipped = 0;
  let broken = true;
  for (const packet of packetsOf(source, stream)) {
    if (packet.sessionNs >= toNs) break;
    // Without the packets before it only a key frame can be decoded.
    if (packet.seq !== expected) broken = true;
    expected = packet.seq + 1;
    if (packet.key) broken = false;
    if (broken) {
      skipped += 1;
      continue;
    }
    if (open && open.config !== packet.config) {
      await open.finish();
      open = null;
      if (!packet.key) {
        broken = true;
        skipped += 1;
        continue;
      }
    }
    if (!open) {
      const config = JSON.parse(packet.config) as VideoConfig;
      const codec = CODECS.find(([pattern]) => pattern.test(config.codec))?.[1] ?? 'avc';
      const part: Mp4Part = { path: await options.pathOf(parts.length + 1), frames: [], frozen: [], codec };
      parts.push(part);
      open = await OpenPart.start(part, packet.config, config, fromNs, toNs);
    }
    await open.add(packet);
    onProgress(packet.sessionNs);
  }
  await open?.finish();
  if (skipped > 0) onSkipped(skipped);
  return parts;
}

class OpenPart {
  readonly config: string;
  readonly #part: Mp4Part;
  readonly #source: EncodedVideoPacketSource;
  readonly #output: Output;
  readonly #meta: { decoderConfig: VideoDecoderConfig };
  readonly #fromNs: number;
  readonly #toNs: number;
  /** Frames from the last key frame before the beginning: decoded, but not shown. */
  #before: TimedPacket[] = [];
  #last: TimedPacket | null = null;
  #lastNs = 0;

  private constructor(
    part: Mp4Part,
    config: string,
    source: EncodedVideoPacketSource,
    output: Output,
    meta: { decoderConfig: VideoDecoderConfig },
    fromNs: number,
    toNs: number,
  ) {
    this.#part = part;
    this.config = config;
    this.#source = source;
    this.#output = output;
    this.#meta = meta;
    this.#fromNs = fromNs;
    this.#toNs = toNs;
  }

  static async start(
    part: Mp4Part,
    json: string,
    config: VideoConfig,
    fromNs: number,
    toNs: number,
  ): Promise<OpenPart> {
    const source = new EncodedVideoPacketSource(part.codec);
    const output = new Output({
      format: new Mp4OutputFormat({ fastStart: false }),
      target: new FilePathTarget(part.path),
    });
    output.addVideoTrack(source);
    await output.start();
    const { codec, codedWidth, codedHeight, description } = config;
    const decoderConfig = {
      codec,
      codedWidth,
      codedHeight,
      ...(description ? { description: new Uint8Array(Buffer.from(description, 'base64')) } : {}),
    };
    return new OpenPart(part, json, source, output, { decoderConfig }, fromNs, toNs);
  }

  async add(packet: TimedPacket): Promise<void> {
    if (packet.sessionNs < this.#fromNs) {
      this.#before = packet.key ? [packet] : [...this.#before, packet];
      return;
    }
    if (!this.#last) await this.#begin(packet);
    // Times must increase, but a clock bridged across an interruption may step back slightly.
    const ns = Math.max(packet.sessionNs, this.#lastNs + 20_000);
    await this.#put(packet, ns, false);
  }

  async finish(): Promise<void> {
    const { frozen } = this.#part;
    const endNs = this.#last ? this.#lastNs + this.#last.durationNs : this.#fromNs;
    if (this.#last && this.#toNs - endNs > FROZEN_NS) frozen.push({ fromNs: endNs, toNs: this.#toNs });
    await this.#output.finalize();
  }

  /** Makes the file start at time 0, whenever the first frame was recorded. */
  async #begin(packet: TimedPacket): Promise<void> {
    const kept = this.#before;
    if (kept.length > 0) {
      // Packed together right after the beginning, where they are not visible: the last one is the frame shown at that time.
      for (const [i, one] of kept.entries()) await this.#put(one, this.#fromNs + i * 20_000, true);
      return;
    }
    if (!packet.key || packet.sessionNs - this.#fromNs < 1e6) return;
    await this.#put(packet, this.#fromNs, true);
    this.#part.frozen.push({ fromNs: this.#fromNs, toNs: packet.sessionNs });
  }

  async #put(packet: TimedPacket, ns: number, filler: boolean): Promise<void> {
    if (this.#last && !filler && ns - this.#lastNs > FROZEN_NS && !this.#part.frozen.some(({ toNs }) => toNs === ns))
      this.#part.frozen.push({ fromNs: this.#lastNs + this.#last.durationNs, toNs: ns });
    const timestamp = (ns - this.#fromNs) / 1e9;
    await this.#source.add(
      new EncodedPacket(packet.data, packet.key ? 'key' : 'delta', timestamp, packet.durationNs / 1e9),
      this.#meta,
    );
    this.#part.frames.push({ sessionNs: ns, seq: packet.seq, filler });
    this.#last = packet;
    this.#lastNs = ns;
  }
}
