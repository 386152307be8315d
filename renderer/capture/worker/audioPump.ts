/**
 * One microphone: reads its buffers, determines when each sample was captured, and encodes once.
 *
 *   readable ─▶ floats, peak ─▶ timeline (reports holes) ─▶ [paused? silence is not sent] ─▶ encoder ─▶ gate ─▶ packet
 */
import { crc32 } from '../../../electron/common/crc32.ts';
import type { ClockFacts, FromWorker, ToWorker } from '../workerMessages.ts';
import { type AudioEncoding, audioEncoding, PACKET_MS } from './audioEncoding.ts';
import { AudioTimeline } from './audioTimeline.ts';
import { Channels, planesOf } from './channels.ts';
import { encoderDelay } from './encoderDelay.ts';
import { soundBounds } from './mediaBounds.ts';
import { MinimumOffset } from './minimumOffset.ts';
import { atOtherPace } from './otherQuartz.ts';
import { PacketTimes } from './packetTimes.ts';
import type { PumpContext } from './videoPump.ts';

export type OpenAudio = Extract<ToWorker, { type: 'openAudio' }>;

const FROZEN_NS = 2e9;
const LEVEL_NS = 95e6;
const MAX_QUEUE = 50;
/**
 * The first data from a device is discarded: stamps made before the readable was transferred to this worker use the
 * window's clock, and sound servers drop and catch up while they start.
 */
const WARM_UP_NS = 300e6;
/** Maximum age of a buffer when it arrives, if its stamp uses this worker's own clock. */
const MAX_AGE_NS = 3e9;

interface Format {
  sampleRate: number;
  /** The media timestamp of sample 0. */
  zeroNs: number;
  timeline: AudioTimeline;
  encoding: AudioEncoding;
  times: PacketTimes | null;
  /** Samples given to the encoder. */
  fed: number;
  jumps: { fed: number; shift: number }[];
}

export class AudioPump {
  readonly #open: OpenAudio;
  readonly #context: PumpContext;
  readonly #reader: ReadableStreamDefaultReader<AudioData>;
  readonly #offset = new MinimumOffset();
  readonly #channels: Channels;
  #toldOpposite = false;
  #base: ClockFacts['base'] = 'unknown';
  #format: Format | null = null;
  #closed = false;
  #read = 0;
  #produced = 0;
  #dropped = 0;
  #slow = 0;
  #lastNs = 0;
  #lastArrivalNs: number;
  #frozen = false;
  #peak = 0;
  #levelNs = 0;
  #firstArrivalNs = 0;
  #watching = false;

  constructor(open: OpenAudio, context: PumpContext) {
    this.#open = open;
    this.#context = context;
    this.#channels = new Channels(open.settings);
    this.#reader = (open.driftPpm === 0 ? open.readable : atOtherPace(open.readable, open.driftPpm)).getReader();
    this.#lastArrivalNs = context.clock.nowNs();
  }

  async run(): Promise<void> {
    let detail = 'the device ended the track';
    try {
      for (let next = await this.#reader.read(); !next.done; next = await this.#reader.read()) {
        this.#buffer(next.value);
        next.value.close();
      }
    } catch (error) {
      detail = String(error);
    }
    if (!this.#closed) this.#send({ type: 'ended', atNs: this.#lastNs, detail });
    this.close();
  }

  watch(watching: boolean): void {
    this.#watching = watching;
  }

  tick(nowNs: number): void {
    if (this.#closed) return;
    const frozen = nowNs - this.#lastArrivalNs > FROZEN_NS;
    if (frozen && !this.#frozen) this.#send({ type: 'frozen', sinceNs: this.#lastNs || this.#lastArrivalNs });
    this.#frozen = frozen;
  }

  stats(): void {
    const clock = { base: this.#base, offsetNs: Math.round(this.#offset.offsetNs ?? 0) };
    this.#send({
      type: 'stats',
      read: this.#read,
      produced: this.#produced,
      dropped: this.#dropped,
      slow: this.#slow,
      queue: this.#format?.encoding.queue ?? 0,
      clock,
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#format?.encoding.close();
    void this.#reader.cancel().catch(() => undefined);
  }

  #buffer(data: AudioData): void {
    const arrivalNs = this.#context.clock.nowNs();
    this.#lastArrivalNs = arrivalNs;
    this.#firstArrivalNs ||= arrivalNs;
    if (arrivalNs - this.#firstArrivalNs < WARM_UP_NS) return;
    const format = this.#format?.sampleRate === data.sampleRate ? this.#format : this.#begin(data);
    const stampNs = this.#stampNs(data, arrivalNs);
    const jumped = format.timeline.add(stampNs, data.numberOfFrames);
    if (this.#read === 0) this.#send({ type: 'first', atNs: Math.round(stampNs) });
    this.#read += 1;
    if (jumped !== 0) this.#hole(format, jumped, data.numberOfFrames);
    this.#lastNs = format.timeline.at(format.timeline.nextIndex);
    const samples = this.#channels.mix(planesOf(data));
    this.#tellOpposite();
    if (this.#context.gate.isPaused(this.#open.source)) samples.fill(0);
    else this.#level(samples, arrivalNs);
    if (format.encoding.queue >= MAX_QUEUE) {
      this.#skip(format, data.numberOfFrames);
      return;
    }
    format.encoding.encode(samples);
    format.fed += data.numberOfFrames;
  }

  /**
   * Time of the buffer's first sample on the window's clock. Chromium stamps with the reading context's own clock (seen
   * in 156) or with the system's monotonic one (seen in 130), whose offset is best known from the cameras.
   */
  #stampNs(data: AudioData, arrivalNs: number): number {
    const mediaNs = data.timestamp * 1000;
    const { clock, system } = this.#context;
    const fits = (stampNs: number): boolean => arrivalNs - stampNs > -50e6 && arrivalNs - stampNs < MAX_AGE_NS;
    if (this.#base === 'unknown') this.#base = fits(clock.fromOwnNs(mediaNs)) ? 'exact' : 'own';
    if (this.#base === 'exact') return clock.fromOwnNs(mediaNs);
    // The last sample of a buffer was captured before the buffer arrived, and its first one a buffer's length earlier.
    const own = mediaNs + this.#offset.add(mediaNs, arrivalNs - (data.numberOfFrames * 1e9) / data.sampleRate);
    const shared = system.offset.offsetNs;
    this.#base = shared !== null && fits(mediaNs + shared) ? 'system' : 'own';
    return this.#base === 'system' ? mediaNs + (shared as number) : own;
  }

  /** Once per opening: the sum of both channels would be silence. */
  #tellOpposite(): void {
    if (this.#toldOpposite || !this.#channels.opposite) return;
    this.#toldOpposite = true;
    const code = 'capture.opposite-polarity';
    const message = `The two channels of ${this.#open.source} have opposite polarity: their sum is silent. Use a mono adapter for a balanced microphone, or choose one channel in Setup.`;
    this.#send({ type: 'note', level: 'warn', code, message });
  }

  #begin({ sampleRate, timestamp, numberOfChannels }: AudioData): Format {
    const zeroNs = timestamp * 1000;
    this.#format?.encoding.close();
    const format: Format = {
      sampleRate,
      zeroNs,
      timeline: new AudioTimeline(sampleRate),
      encoding: { queue: 0, encode: () => undefined, close: () => undefined },
      times: null,
      fed: 0,
      jumps: [],
    };
    format.encoding = audioEncoding(
      this.#open.settings,
      { sampleRate, channels: this.#channels.count(numberOfChannels) },
      {
        config: (config, facts) => {
          if (this.#format !== format) return;
          format.times ??= new PacketTimes(
            (PACKET_MS * sampleRate) / 1000,
            encoderDelay(config.codec, config.preSkip, sampleRate),
          );
          for (const { fed, shift } of format.jumps.splice(0)) format.times.jump(fed, shift);
          this.#send({ type: 'config', config, facts: { ...facts, mediaClock: this.#base } });
        },
        packet: (bytes) => this.#packet(format, bytes),
        failed: (detail) => {
          this.#send({ type: 'cannotEncode', detail });
          this.close();
        },
      },
    );
    this.#format = format;
    return format;
  }

  #packet(format: Format, data: Uint8Array<ArrayBuffer>): void {
    if (this.#closed || format !== this.#format || !format.times) return;
    const { source, instance } = this.#open;
    const index = format.times.next();
    const { gate } = this.#context;
    const liveOnly = gate.onlyLive(source);
    if (!liveOnly && !gate.mayPublish(source)) return;
    if (!liveOnly) this.#produced += 1;
    const publisherNs = format.timeline.at(index);
    const deviceNs = Math.round(format.zeroNs + (index * 1e9) / format.sampleRate);
    const bounds = soundBounds(format.timeline);
    const packet = { publisherNs, deviceNs, durationNs: PACKET_MS * 1e6, bounds, key: true, crc32: crc32(data), data };
    const { generation } = gate;
    this.#context.send({ type: 'packet', source, instance, generation, liveOnly, packet }, [data.buffer]);
  }

  /** Samples that the device never delivered. */
  #hole(format: Format, samples: number, inBuffer: number): void {
    const start = format.timeline.nextIndex - inBuffer;
    this.#tie(format, start - format.fed);
    this.#gap(
      format.timeline.at(start - samples),
      format.timeline.at(start),
      'frames-lost',
      samples / format.sampleRate,
    );
  }

  /** The encoder is too far behind: this buffer is dropped and reported. */
  #skip(format: Format, count: number): void {
    const next = format.timeline.nextIndex;
    this.#tie(format, next - format.fed);
    this.#gap(format.timeline.at(next - count), format.timeline.at(next), 'queue-full', count / format.sampleRate);
  }

  #tie(format: Format, shift: number): void {
    if (format.times) format.times.jump(format.fed, shift);
    else format.jumps.push({ fed: format.fed, shift });
  }

  #gap(fromNs: number, toNs: number, cause: string, lostSeconds: number): void {
    const lost = Math.max(1, Math.round((lostSeconds * 1000) / PACKET_MS));
    this.#dropped += lost;
    if (cause === 'queue-full') this.#slow += lost;
    if (this.#context.gate.mayPublish(this.#open.source))
      this.#send({ type: 'gap', fromNs, toNs, cause, lost, detail: `${Math.round(lostSeconds * 1000)} ms of sound` });
  }

  #level(samples: Float32Array, nowNs: number): void {
    if (!this.#watching) return;
    for (const sample of samples) this.#peak = Math.max(this.#peak, Math.abs(sample));
    if (nowNs - this.#levelNs < LEVEL_NS) return;
    this.#levelNs = nowNs;
    this.#send({ type: 'level', peak: Math.min(1, this.#peak) });
    this.#peak = 0;
  }

  #send(message: Message): void {
    const { source, instance } = this.#open;
    this.#context.send({ ...message, source, instance } as FromWorker);
  }
}

type Message = FromWorker extends infer M ? (M extends FromWorker ? Omit<M, 'source' | 'instance'> : never) : never;
