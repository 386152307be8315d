/**
 * One camera or screen: reads frames as they arrive, detects missing ones, and encodes the rest once.
 *
 *   readable ─▶ times, holes ─▶ [paused? dark] ─▶ [queue full? dropped, reported] ─▶ encoder ─▶ gate ─▶ packet
 *                                    └▶ preview
 */
import type { FromWorker, ToWorker, WorkerPacket } from '../workerMessages.ts';
import { FrameHoles } from './frameHoles.ts';
import type { Gate } from './gate.ts';
import { pictureBounds } from './mediaBounds.ts';
import type { PreviewMaker } from './previewMaker.ts';
import { VideoEncoding } from './videoEncoding.ts';
import { type SystemBase, VideoTimes } from './videoTimes.ts';
import type { WorkerClock } from './workerClock.ts';

export type OpenVideo = Extract<ToWorker, { type: 'openVideo' }>;
export interface PumpContext {
  clock: WorkerClock;
  system: SystemBase;
  gate: Gate;
  previews: PreviewMaker;
  send(message: FromWorker, transfer?: Transferable[]): void;
}

/** Frames that may wait in the encoder: a third of a second at 30 fps. */
const MAX_QUEUE = 10;
const FROZEN_NS = 2e9;

export class VideoPump {
  readonly #open: OpenVideo;
  readonly #context: PumpContext;
  readonly #reader: ReadableStreamDefaultReader<VideoFrame>;
  readonly #encoding: VideoEncoding;
  readonly #times: VideoTimes;
  readonly #holes: FrameHoles;
  #closed = false;
  /** The generation whose first key frame was requested, and the one whose key frame was sent. */
  #asked = -1;
  #generation = -1;
  #read = 0;
  #produced = 0;
  #dropped = 0;
  /** Dropped frames for which the encoder had no time. */
  #slow = 0;
  /** All frames that came out of the track, and frames that a hole showed to be missing. */
  #came = 0;
  #told = 0;
  #widest: { fromNs: number; toNs: number } | null = null;
  #lastDeviceNs: number | null = null;
  #lastNs = 0;
  #lastArrivalNs: number;
  #frozen = false;
  /** Frames dropped before the encoder, not reported yet. */
  #full: { fromNs: number; toNs: number; count: number } | null = null;

  constructor(open: OpenVideo, context: PumpContext) {
    this.#open = open;
    this.#context = context;
    this.#reader = open.readable.getReader();
    this.#times = new VideoTimes(context.system);
    this.#holes = new FrameHoles(open.obtained.frameRate);
    this.#lastArrivalNs = context.clock.nowNs();
    this.#encoding = new VideoEncoding(open.settings, open.obtained.frameRate, {
      config: (config, facts) =>
        this.#send({ type: 'config', config, facts: { ...facts, mediaClock: this.#times.facts.base } }),
      packet: (packet) => this.#packet(packet),
      swallowed: (fromNs, toNs, count) => {
        this.#dropped += count;
        this.#slow += count;
        this.#gap(fromNs, toNs, 'encoder-dropped', count);
      },
      fallback: (reason) =>
        this.#send({
          type: 'note',
          level: 'warn',
          code: 'capture.encoder-fallback',
          message: `The encoder of ${open.source} failed and another took over: ${reason}`,
        }),
      impossible: (detail) => {
        this.#send({ type: 'cannotEncode', detail });
        this.close();
      },
    });
  }

  async run(): Promise<void> {
    let detail = 'the device ended the track';
    try {
      for (let next = await this.#reader.read(); !next.done; next = await this.#reader.read()) {
        try {
          await this.#frame(next.value);
        } finally {
          next.value.close();
        }
      }
    } catch (error) {
      detail = String(error);
    }
    if (!this.#closed) this.#send({ type: 'ended', atNs: this.#lastNs, detail });
    this.close();
  }

  /** Called twice a second. */
  tick(nowNs: number): void {
    if (this.#closed || this.#open.screen) return;
    const frozen = nowNs - this.#lastArrivalNs > FROZEN_NS;
    if (frozen && !this.#frozen) this.#send({ type: 'frozen', sinceNs: this.#lastNs || this.#lastArrivalNs });
    this.#frozen = frozen;
  }

  stats(): void {
    this.#send({
      type: 'stats',
      read: this.#read,
      produced: this.#produced,
      dropped: this.#dropped,
      slow: this.#slow,
      queue: this.#encoding.queue,
      clock: this.#times.facts,
    });
  }

  /** @param made frames of the track by the browser's count, taken before this request. */
  count(made: number): void {
    this.#send({ type: 'counted', made, read: this.#came, told: this.#told, widest: this.#widest });
    this.#widest = null;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#encoding.close();
    void this.#reader.cancel().catch(() => undefined);
  }

  async #frame(frame: VideoFrame): Promise<void> {
    const { clock, gate, previews } = this.#context;
    const arrivalNs = clock.nowNs();
    this.#lastArrivalNs = arrivalNs;
    this.#came += 1;
    const deviceNs = Math.round(frame.timestamp * 1000);
    // When another consumer of the source starts, Chromium delivers its last picture once more to all consumers.
    if (deviceNs === this.#lastDeviceNs && !this.#open.screen) return;
    this.#lastDeviceNs = deviceNs;
    const publisherNs = this.#times.capturedNs(deviceNs, arrivalNs);
    const hole = this.#holes.add(deviceNs, publisherNs);
    const missing = hole?.count ?? 0;
    const durationNs = Math.round(this.#holes.intervalNs);
    const bounds = pictureBounds({
      screen: this.#open.screen,
      stepNs: this.#lastNs > 0 ? publisherNs - this.#lastNs : durationNs,
      intervalNs: durationNs,
      lateNs: arrivalNs - publisherNs,
    });
    if (this.#read === 0) this.#send({ type: 'first', atNs: publisherNs });
    this.#read += 1;
    const before = this.#lastNs;
    this.#lastNs = publisherNs;
    this.#told += missing;
    // A hole that was reported must not be counted again.
    if (before > 0 && !this.#holes.pending && publisherNs - before > widthOf(this.#widest))
      this.#widest = { fromNs: before, toNs: publisherNs };
    if (gate.isPaused(this.#open.source)) {
      this.#full = null;
      this.#asked = -1;
      this.#generation = -1;
      return;
    }
    if (hole && !this.#open.screen) {
      this.#dropped += missing;
      this.#gap(hole.fromNs, hole.toNs, 'frames-lost', missing);
    }
    previews.offer(this.#open.source, this.#open.instance, frame, arrivalNs);
    await this.#encoding.prepare(frame.codedWidth, frame.codedHeight);
    if (this.#closed || !this.#encoding.ready) return;
    if (gate.generation !== this.#asked && gate.mayPublish(this.#open.source)) {
      this.#asked = gate.generation;
      this.#encoding.wantKey();
    }
    if (this.#encoding.queue >= MAX_QUEUE) return this.#tooMuch(publisherNs, durationNs);
    this.#tellFull();
    this.#encoding.encode(frame, { publisherNs, deviceNs, durationNs, bounds });
  }

  /** A new live viewer needs a complete picture. */
  wantKey(): void {
    this.#encoding.wantKey();
  }

  #packet(packet: WorkerPacket): void {
    const { gate } = this.#context;
    if (gate.onlyLive(this.#open.source)) this.#hand(packet, true);
    if (!gate.mayPublish(this.#open.source)) return;
    // A recording begins with a picture that can be decoded on its own.
    if (gate.generation !== this.#generation) {
      if (!packet.key) return;
      this.#generation = gate.generation;
    }
    this.#produced += 1;
    this.#hand(packet, false);
  }

  #hand(packet: WorkerPacket, liveOnly: boolean): void {
    const { source, instance } = this.#open;
    const { generation } = this.#context.gate;
    this.#context.send({ type: 'packet', source, instance, generation, liveOnly, packet }, [packet.data.buffer]);
  }

  #tooMuch(publisherNs: number, durationNs: number): void {
    this.#dropped += 1;
    this.#slow += 1;
    this.#full ??= { fromNs: publisherNs, toNs: publisherNs, count: 0 };
    this.#full.toNs = publisherNs + durationNs;
    this.#full.count += 1;
  }

  #tellFull(): void {
    if (!this.#full) return;
    this.#gap(this.#full.fromNs, this.#full.toNs, 'queue-full', this.#full.count);
    this.#full = null;
  }

  #gap(fromNs: number, toNs: number, cause: string, lost: number): void {
    if (this.#context.gate.mayPublish(this.#open.source) && this.#context.gate.generation === this.#generation)
      this.#send({ type: 'gap', fromNs, toNs, cause, lost, detail: '' });
  }

  #send(message: Message): void {
    const { source, instance } = this.#open;
    this.#context.send({ ...message, source, instance } as FromWorker);
  }
}

const widthOf = (span: { fromNs: number; toNs: number } | null): number => (span ? span.toNs - span.fromNs : 0);

type Message = FromWorker extends infer M ? (M extends FromWorker ? Omit<M, 'source' | 'instance'> : never) : never;
