/**
 * Decodes runs of sound packets to samples. A packet's time is that of the first sample it decodes to
 * (docs/session-format.md).
 */
import { fromBase64 } from '../../components/base64.ts';
import type { MediaPacket } from './packetTimeline.ts';
import type { ReviewDoor } from './reviewDoor.ts';

/** Consecutive packets without a hole, as one piece of sound. */
export interface Sound {
  /** Session nanoseconds of the first sample, and of the end. */
  startNs: number;
  endNs: number;
  rateHz: number;
  samples: Float32Array<ArrayBuffer>;
}

/** Opus needs this many earlier packets before its output is accurate (RFC 7845 section 4.6: 80 ms). */
const PRE_ROLL = 4;

/** Runs without a hole in sequence, file or time. */
export function runsOf(packets: readonly MediaPacket[]): MediaPacket[][] {
  const runs: MediaPacket[][] = [];
  for (const packet of packets) {
    const last = runs.at(-1)?.at(-1);
    const follows =
      last &&
      packet.seq === last.seq + 1 &&
      packet.file.path === last.file.path &&
      Math.abs(packet.ns - (last.ns + last.durationNs)) < packet.durationNs;
    if (follows) runs.at(-1)?.push(packet);
    else runs.push([packet]);
  }
  return runs;
}

export class SoundDecoder {
  readonly #door: ReviewDoor;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(door: ReviewDoor) {
    this.#door = door;
  }

  /** @param before packets before these, for the decoder to converge @throws FieldroomError, DOMException */
  decode(packets: readonly MediaPacket[], before: readonly MediaPacket[] = []): Promise<Sound[]> {
    const work = this.#turn.then(async () => {
      const sounds: Sound[] = [];
      for (const [i, run] of runsOf(packets).entries()) {
        const first = run[0] as MediaPacket;
        const lead =
          i === 0
            ? runsOf([...before.slice(-PRE_ROLL), first])
                .at(-1)
                ?.slice(0, -1)
            : [];
        sounds.push(await this.#decodeRun(run, lead ?? []));
      }
      return sounds;
    });
    this.#turn = work.catch(() => undefined);
    return work;
  }

  async #decodeRun(run: readonly MediaPacket[], lead: readonly MediaPacket[]): Promise<Sound> {
    const all = [...lead, ...run];
    const [first, last] = [all[0] as MediaPacket, all.at(-1) as MediaPacket];
    const bytes = await this.#door.bytes(first.file.path, first.offset, last.offset + last.length);
    const rateHz = first.file.sampleRate ?? 48_000;
    const parts: AudioData[] = [];
    let fail: (error: DOMException) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => undefined);
    const decoder = new AudioDecoder({ output: (data) => parts.push(data), error: fail });
    try {
      decoder.configure(configOf(first.file));
      for (const packet of all) {
        const at = packet.offset - first.offset;
        const data = bytes.subarray(at, at + packet.length);
        decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: packet.seq * 20_000, data }));
      }
      await Promise.race([decoder.flush(), failed]);
      const samples = mono(
        parts,
        lead.reduce((sum, packet) => sum + Math.round((packet.durationNs * rateHz) / 1e9), 0),
      );
      const end = run.at(-1) as MediaPacket;
      return { startNs: (run[0] as MediaPacket).ns, endNs: end.ns + end.durationNs, rateHz, samples };
    } finally {
      for (const part of parts) part.close();
      if (decoder.state !== 'closed') decoder.close();
    }
  }
}

function configOf({ codec, sampleRate, channels, description }: MediaPacket['file']): AudioDecoderConfig {
  const base = { codec, sampleRate: sampleRate ?? 48_000, numberOfChannels: channels ?? 1 };
  if (description === null) return base;
  const head = fromBase64(description);
  // Pre-skip (RFC 7845 section 5.1) applies to the start of a file; here decoding starts anywhere and times are known.
  if (codec === 'opus' && head.length >= 12) head.fill(0, 10, 12);
  return { ...base, description: head };
}

/** The mean of the channels, without the first `skip` samples. */
function mono(parts: readonly AudioData[], skip: number): Float32Array<ArrayBuffer> {
  const total = parts.reduce((sum, part) => sum + part.numberOfFrames, 0);
  const all = new Float32Array(total);
  let at = 0;
  for (const part of parts) {
    const frames = part.numberOfFrames;
    const plane = new Float32Array(frames);
    for (let channel = 0; channel < part.numberOfChannels; channel += 1) {
      part.copyTo(plane, { planeIndex: channel, format: 'f32-planar' });
      for (let i = 0; i < frames; i += 1)
        all[at + i] = (all[at + i] as number) + (plane[i] as number) / part.numberOfChannels;
    }
    at += frames;
  }
  return all.slice(Math.min(skip, total));
}
