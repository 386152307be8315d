/**
 * Renders a microphone on the session's clock: consecutive blocks from session time `fromNs` at a constant rate, with silence
 * where nothing was recorded. Each run is resampled along its fitted line, so that the microphone's clock error does not
 * accumulate.
 */
import type { ExportSource, SourceStream } from '../source/exportSource.ts';
import { packetsOf, type TimedPacket } from '../source/packets.ts';
import { configOf, decodedRate, type SoundDecoder, soundDecoder } from './decoder.ts';
import { Resampler } from './resampler.ts';
import { type Run, runsOfStream } from './soundClock.ts';

export interface RenderOptions {
  rateHz: number;
  fromNs: number;
  toNs: number;
  channels: number;
  /** Called for packets that could not be decoded. */
  onBroken?: (packets: number) => void;
}

const BLOCK = 16_384;

/** Blocks of `channels` arrays; together exactly `round((toNs - fromNs) * rateHz / 1e9)` samples. */
export async function* renderSound(
  source: ExportSource,
  stream: SourceStream,
  options: RenderOptions,
): AsyncGenerator<Float32Array[]> {
  const { rateHz, fromNs, toNs, channels } = options;
  const total = Math.round(((toNs - fromNs) * rateHz) / 1e9);
  const timeOf = (j: number): number => fromNs + (j * 1e9) / rateHz;
  let j = 0;
  const silence = function* (until: number): Generator<Float32Array[]> {
    while (j < until) {
      const count = Math.min(BLOCK, until - j);
      j += count;
      yield Array.from({ length: channels }, () => new Float32Array(count));
    }
  };
  for await (const { run, input, inputAt, isLast, inputRateHz } of decodedRuns(source, stream, options)) {
    yield* silence(Math.min(total, Math.max(0, Math.ceil(((run.startNs - fromNs) * rateHz) / 1e9))));
    const resampler = resamplerFor(rateHz / inputRateHz);
    // Render as far as the decoded input reaches; the rest of the run follows with the next piece.
    const ready = inputAt + (input[0]?.length ?? 0) - (isLast ? 0 : resampler.reach + 1);
    while (j < total) {
      const out = Array.from({ length: channels }, () => new Float32Array(BLOCK));
      let count = 0;
      while (count < BLOCK && j + count < total) {
        const ns = timeOf(j + count);
        if (ns >= run.endNs) break;
        const position = run.positionOf(ns);
        if (position >= ready) break;
        for (let c = 0; c < channels; c += 1) {
          const channel = input[Math.min(c, input.length - 1)] as Float32Array;
          (out[c] as Float32Array)[count] = resampler.valueAt(channel, position - inputAt);
        }
        count += 1;
      }
      j += count;
      if (count > 0) yield count === BLOCK ? out : out.map((channel) => channel.subarray(0, count));
      if (count < BLOCK) break;
    }
  }
  yield* silence(total);
}

interface Piece {
  run: Run;
  /** Decoded samples of the run from `inputAt`, including earlier ones that the interpolation needs. */
  input: Float32Array[];
  inputAt: number;
  isLast: boolean;
  inputRateHz: number;
}

/** Packets decoded at once, which bounds memory for runs of any length. */
const PACKETS = 256;
/** More samples than any interpolation reaches back. */
const OVERLAP = 2048;

async function* decodedRuns(
  source: ExportSource,
  stream: SourceStream,
  { fromNs, toNs, onBroken }: RenderOptions,
): AsyncGenerator<Piece> {
  if (stream.stream.kind !== 'audio') return;
  const inputRateHz = decodedRate(stream.stream.config);
  const runs = runsOfStream(source, stream, inputRateHz);
  let decoder: SoundDecoder | null = null;
  let config = '';
  let run: Run | undefined;
  let tail: Float32Array[] = [];
  let at = 0;
  let waiting: TimedPacket[] = [];
  let broken = 0;
  let nextSeq = 0;
  const piece = (isLast: boolean): Piece | null => {
    if (!run || !decoder) return null;
    const decoded = waiting.flatMap((packet) => {
      const silence = (packets: number): Float32Array[] => [
        new Float32Array(packets * Math.round((packet.durationNs * inputRateHz) / 1e9)),
      ];
      const samples = decoder?.decode(packet.data) ?? null;
      if (!samples) broken += 1;
      // Damaged packets were left out; their time is filled with silence.
      const hole = packet.seq > nextSeq ? [silence(packet.seq - nextSeq)] : [];
      nextSeq = packet.seq + 1;
      return [...hole, samples ?? silence(1)];
    });
    waiting = [];
    const count = Math.max(1, tail.length, ...decoded.map(({ length }) => length));
    const input = Array.from({ length: count }, (_, c) =>
      joined([tail, ...decoded].map((list) => list[Math.min(c, list.length - 1)] ?? new Float32Array(0))),
    );
    const inputAt = at - (tail[0]?.length ?? 0);
    at = inputAt + (input[0]?.length ?? 0);
    tail = isLast ? [] : input.map((channel) => channel.slice(-OVERLAP));
    return { run, input, inputAt, isLast, inputRateHz };
  };
  for (const packet of packetsOf(source, stream)) {
    const here: Run | undefined =
      run && packet.seq <= run.lastSeq ? run : runs.find(({ lastSeq }) => packet.seq <= lastSeq);
    // Opus needs 80 ms to converge.
    if (!here || here.endNs < fromNs || packet.sessionNs < fromNs - 1e9) {
      if (here) at = (packet.seq + 1 - here.firstSeq) * Math.round((packet.durationNs * inputRateHz) / 1e9);
      nextSeq = packet.seq + 1;
      run = here;
      continue;
    }
    if (packet.sessionNs > toNs + 1e9) break;
    if (here !== run || packet.config !== config) {
      const last = waiting.length > 0 ? piece(here !== run) : null;
      if (last) yield last;
      if (here !== run) {
        at = 0;
        tail = [];
        nextSeq = here.firstSeq;
      }
      run = here;
      decoder?.free();
      decoder = await soundDecoder(configOf(packet.config));
      config = packet.config;
    }
    waiting.push(packet);
    const isLast = packet.seq === run.lastSeq;
    if (waiting.length < PACKETS && !isLast) continue;
    const made = piece(isLast);
    if (made) yield made;
  }
  const rest = waiting.length > 0 ? piece(true) : null;
  if (rest) yield rest;
  decoder?.free();
  if (broken > 0) onBroken?.(broken);
}

const joined = (parts: Float32Array[]): Float32Array => {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

const made = new Map<number, Resampler>();
function resamplerFor(ratio: number): Resampler {
  let resampler = made.get(ratio);
  if (!resampler) {
    resampler = new Resampler(ratio);
    made.set(ratio, resampler);
  }
  return resampler;
}
