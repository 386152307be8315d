/**
 * The clock of one publisher's life against the engine's: waves of probes over its ingest connection. The best exchange
 * of each wave is kept; from the recent ones comes the live fit.
 */

import { fitLine, type Line, offsetAt } from '../../common/clock/fit.ts';
import { bestOf, type ClockSample, type Probe } from '../../common/clock/probe.ts';
import type { EngineMessage, PublisherMessage } from '../../common/ingest.ts';
import type { ProbeRow } from '../store/storeApi.ts';
import type { EngineClock } from './engineClock.ts';

const PROBES_PER_WAVE = 8;
/** Waves come fast at first, so that a session that starts at once has a good offset. */
const WAVE_INTERVALS_MS = [200, 400, 800, 1500, 3000, 5000];
const REPLY_TIMEOUT_MS = 400;
/** Live fits look back this many waves: five minutes. */
const LIVE_WAVES = 60;

export interface PublisherClockOptions {
  clock: EngineClock;
  publisher: string;
  epoch: string;
  resolutionNs: number;
  send: (message: EngineMessage) => void;
  /** After each wave that had an answer. */
  onWave: (probes: ProbeRow[], line: Line) => void;
}

export class PublisherClock {
  readonly #options: PublisherClockOptions;
  /** Engine times are taken relative to this, so that they stay exact as numbers. */
  readonly #base: bigint;
  #samples: ClockSample[] = [];
  #wave = 0;
  #open: Probe[] = [];
  #waiting: { n: number; t0: number; timer: NodeJS.Timeout } | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #waveDone: (() => void) | null = null;
  #line: Line | null = null;
  probes = 0;

  constructor(options: PublisherClockOptions) {
    this.#options = options;
    this.#base = options.clock.now();
  }

  get id(): string {
    return `${this.#options.publisher}/${this.#options.epoch}`;
  }

  get base(): bigint {
    return this.#base;
  }

  /** Engine time minus `base`, minus publisher time; null before the first wave. */
  get line(): Line | null {
    return this.#line;
  }

  get roundTripNs(): number | null {
    return this.#samples.at(-1)?.roundTripNs ?? null;
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
    return this.#line ? this.#base + BigInt(Math.round(publisherNs + offsetAt(this.#line, publisherNs))) : null;
  }

  /** Runs one wave now (at the session's start and end); resolves when it is over. */
  async wave(): Promise<void> {
    if (this.#waveDone || this.#closed) return;
    this.#wave += 1;
    this.#open = [];
    await new Promise<void>((resolve) => {
      this.#waveDone = resolve;
      this.#probe(0);
    });
    this.#waveDone = null;
    this.#endWave();
  }

  /** An answer; one of an earlier wave or probe is late and says nothing. */
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
      await this.wave();
      const pause = WAVE_INTERVALS_MS[Math.min(turn, WAVE_INTERVALS_MS.length - 1)];
      await new Promise<void>((resolve) => {
        this.#timer = setTimeout(resolve, pause);
      });
    }
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
    const best = bestOf(this.#open);
    if (!best || this.#closed) return;
    this.probes += this.#open.length;
    this.#samples.push(best);
    if (this.#samples.length > LIVE_WAVES) this.#samples = this.#samples.slice(-LIVE_WAVES);
    const line = fitLine(this.#samples, this.#options.resolutionNs);
    this.#line = line;
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
    this.#options.onWave(rows, line);
  }

  #relativeNow(): number {
    return Number(this.#options.clock.now() - this.#base);
  }
}
