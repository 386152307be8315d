/** The fit that is used while recording: a line through the last two minutes, restarted when the clock steps. */
import { fitLine, type Line } from './fit.ts';
import { type ClockSample, type Probe, sampleOf } from './probe.ts';
import { stepBetween, withoutStep } from './steps.ts';

/** If longer, a warming quartz deviates from the line; if shorter, a busy network disturbs it. */
const WINDOW_NS = 120e9;

export class LiveFit {
  readonly #resolutionNs: number;
  #samples: ClockSample[] = [];
  #line: Line | null = null;

  constructor(resolutionNs: number) {
    this.#resolutionNs = resolutionNs;
  }

  /** Null before the first sample. */
  get line(): Line | null {
    return this.#line;
  }

  get last(): ClockSample | null {
    return this.#samples.at(-1) ?? null;
  }

  /**
   * @param wave the exchanges of a wave in order; an empty one is ignored.
   * @param horizonNs time to the next wave.
   * @returns by how much the clock stepped since the wave before, nanoseconds; 0: no step.
   */
  add(wave: readonly Probe[], horizonNs: number): number {
    const samples = withoutStep(wave, this.#resolutionNs).flatMap((part) => sampleOf(part) ?? []);
    return samples.reduce((stepped, sample) => stepped + this.#add(sample, horizonNs), 0);
  }

  #add(sample: ClockSample, horizonNs: number): number {
    const step = this.last ? stepBetween(this.last, sample, this.#resolutionNs) : 0;
    const kept = step === 0 ? this.#samples.filter(({ atNs }) => sample.atNs - atNs <= WINDOW_NS) : [];
    this.#samples = [...kept, sample];
    this.#line = fitLine(this.#samples, this.#resolutionNs, horizonNs);
    return step;
  }
}
