/**
 * Measures one publisher process's clock against the engine's with waves of probes over its ingest connection. All
 * exchanges are stored in the index; the live fit uses the recent waves.
 */
import { type Line, offsetAt } from '../../common/clock/fit.ts';
import { LiveFit } from '../../common/clock/liveFit.ts';
import type { Probe } from '../../common/clock/probe.ts';
import type { EngineMessage, PublisherMessage } from '../../common/ingest.ts';
import type { ProbeRow } from '../../session/format/rows.ts';
import type { EngineClock } from './engineClock.ts';

const PROBES_PER_WAVE = 8;
/** Waves are frequent at first, so that a session started immediately has a good offset. */
const WAVE_INTERVALS_MS = [200, 400, 800, 1500, 3000, 5000];
const REPLY_TIMEOUT_MS = 400;
/** Waves kept for a session that begins later, so that its first minute is measured as well as the rest. */
const KEPT_WAVES = 24;
/** Maximum time a wave takes in addition to its pause: the live fit must be valid until the next one. */
const WAVE_MARGIN_NS = 500e6;

export interface PublisherClockOptions {
  clock: EngineClock;
  publisher: string;
  epoch: string;
  resolutionNs: number;
  send: (message: EngineMessage) => void;
  /** After each wave that had an answer. */
  onWave: (probes: ProbeRow[], line: Line) => void;
  /** The publisher's clock stepped since the wave before by at least this; positive: it was stopped meanwhile. */
  onStep?: (stepNs: number) => void;
}

export class PublisherClock {
  readonly #options: PublisherClockOptions;
  /** Engine times are taken relative to this, so that they stay exact as numbers. */
  readonly #base: bigint;
  readonly #fit: LiveFit;
  #wave = 0;
  #open: Probe[] = [];
  #waiting: { n: number; t0: number; timer: NodeJS.Timeout } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #waveDone: (() => void) | null = null;
  #underWay: Promise<void> | null = null;
  #recent: ProbeRow[][] = [];
  #pauseMs = WAVE_INTERVALS_MS[0] as number;
  probes = 0;

  constructor(options: PublisherClockOptions) {
    this.#options = options;
    this.#base = options.clock.now();
    this.#fit = new LiveFit(options.resolutionNs);
  }

  get id(): string {
    return `${this.#options.publisher}/${this.#options.epoch}`;
  }

  get base(): bigint {
    return this.#base;
  }

  /** Engine time minus `base`, minus publisher time; null before the first wave. */
  get line(): Line | null {
    return this.#fit.line;
  }

  /** Publisher time of the last wave. */
  get lastNs(): number | null {
    return this.#fit.last?.atNs ?? null;
  }

  /** The exchanges of the last waves, oldest first. */
  get recent(): ProbeRow[] {
    return this.#recent.flat();
  }

  get roundTripNs(): number | null {
    return this.#fit.last?.roundTripNs ?? null;
  }

  start(): void {
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#waiting) clearTimeout(this.#waiting.timer);
    this.#waveDone?.();
  }

  /** Engine time of a publisher time, by the live fit; null before the first wave. */
  toEngine(publisherNs: number): bigint | null {
    const line = this.#fit.line;
    return line ? this.#base + BigInt(Math.round(publisherNs + offsetAt(line, publisherNs))) : null;
  }

  /** Publisher time of an engine time; null before the first wave. */
  fromEngine(engineNs: bigint): number | null {
    const line = this.#fit.line;
    if (!line) return null;
    const relativeNs = Number(engineNs - this.#base);
    return Math.round(relativeNs - offsetAt(line, relativeNs - line.offsetNs));
  }

  /** Measures now (at the session's start and end), or waits for the wave in progress. */
  wave(): Promise<void> {
    this.#underWay ??= this.#measure().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Handles an answer; answers to earlier waves or probes are late and are ignored. */
  reply(message: Extract<PublisherMessage, { type: 'probeReply' }>): void {
    const t3 = this.#relativeNow();
    const waiting = this.#waiting;
    if (!waiting || message.wave !== this.#wave || message.n !== waiting.n || message.t2 < message.t1) return;
    clearTimeout(waiting.timer);
    this.#waiting = null;
    this.#open.push({ t0: waiting.t0, t1: message.t1, t2: message.t2, t3 });
    this.#next(message.n);
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#closed; turn += 1) {
      this.#pauseMs = WAVE_INTERVALS_MS[Math.min(turn, WAVE_INTERVALS_MS.length - 1)] as number;
      await this.wave();
      await new Promise<void>((resolve) => {
        this.#timer = setTimeout(resolve, this.#pauseMs);
      });
    }
  }

  async #measure(): Promise<void> {
    if (this.#closed) return;
    this.#wave += 1;
    this.#open = [];
    await new Promise<void>((resolve) => {
      this.#waveDone = resolve;
      this.#probe(0);
    });
    this.#waveDone = null;
    this.#endWave();
  }

  #probe(n: number): void {
    if (this.#closed) return;
    const t0 = this.#relativeNow();
    const timer = setTimeout(() => {
      this.#waiting = null;
      this.#next(n);
    }, REPLY_TIMEOUT_MS);
    this.#waiting = { n, t0, timer };
    this.#options.send({ type: 'probe', wave: this.#wave, n, t0 });
  }

  #next(n: number): void {
    if (n + 1 < PROBES_PER_WAVE) this.#probe(n + 1);
    else this.#waveDone?.();
  }

  #endWave(): void {
    if (this.#open.length === 0 || this.#closed) return;
    this.probes += this.#open.length;
    const step = this.#fit.add(this.#open, this.#pauseMs * 1e6 + WAVE_MARGIN_NS);
    if (step !== 0) this.#options.onStep?.(step);
    const { publisher, epoch } = this.#options;
    const rows = this.#open.map(
      (probe): ProbeRow => ({
        publisher,
        epoch,
        wave: this.#wave,
        t0: this.#base + BigInt(Math.round(probe.t0)),
        t1: probe.t1,
        t2: probe.t2,
        t3: this.#base + BigInt(Math.round(probe.t3)),
      }),
    );
    this.#recent = [...this.#recent.slice(1 - KEPT_WAVES), rows];
    if (this.#fit.line) this.#options.onWave(rows, this.#fit.line);
  }

  #relativeNow(): number {
    return Number(this.#options.clock.now() - this.#base);
  }
}
