/**
 * Says when the live layer must give way. Of every recorded source it is told once a second how many frames wait in its
 * encoder and how many were lost so far, wherever that was seen; five bad seconds of eight are trouble. Each step is given
 * time to help: the next one needs ten bad seconds of fifteen, since it may take the pictures away altogether. If over half
 * a minute and more even that helps nothing, something else keeps the machine busy, and the last step is taken back. After
 * a calm minute one step is given back; each time that was too early, or a step was in vain, the wait doubles, up to sixteen
 * minutes.
 */
const BAD_QUEUE = 5;
const BAD_LOST = 2;
const FIRST = { window: 8, bad: 5 };
const NEXT = { window: 15, bad: 10 };
/** A step that leaves more than this part of the losses was in vain. */
const IN_VAIN = 0.7;
/** Seconds after which that is judged at the earliest: losses come and go by themselves. */
const JUDGED_S = 30;
const CALM_S = 60;
const MAX_CALM_S = 960;

export class LivePressure {
  readonly #lostBySource = new Map<string, number>();
  readonly #seconds: { bad: boolean; lost: number }[] = [];
  #bad = false;
  #lost = 0;
  /** Frames a second that were lost when the last step was taken. */
  #lostBefore = 0;
  /** What was lost since then, and for how many seconds. */
  #since = { lost: 0, seconds: 0 };
  #calm = 0;
  #neededCalm = CALM_S;
  /** Seconds in which no step is taken, after one in vain. */
  #rest = 0;
  #gaveBack = false;
  /** Steps given way now. */
  steps = 0;

  /** One source's figures; `lost` counts since it was opened. */
  add(source: string, queue: number, lost: number): void {
    const before = this.#lostBySource.get(source);
    this.#lostBySource.set(source, lost);
    // The first figures of an opening tell of its start, not of the machine.
    if (before === undefined || lost < before) return;
    this.#lost += lost - before;
    if (queue >= BAD_QUEUE || lost - before >= BAD_LOST) this.#bad = true;
  }

  /** Once a second. @param mayGive false: there is nothing left to give. @returns what to do now */
  tick(mayGive: boolean): 'give-way' | 'give-back' | 'in-vain' | null {
    const rule = this.steps === 0 ? FIRST : NEXT;
    this.#seconds.push({ bad: this.#bad, lost: this.#lost });
    while (this.#seconds.length > rule.window) this.#seconds.shift();
    this.#calm = this.#bad ? 0 : this.#calm + 1;
    this.#rest = Math.max(0, this.#rest - 1);
    this.#since.lost += this.#lost;
    this.#since.seconds += 1;
    this.#bad = false;
    this.#lost = 0;
    if (this.#seconds.filter(({ bad }) => bad).length >= rule.bad) return this.#trouble(mayGive);
    if (this.steps === 0 || this.#calm < this.#neededCalm) return null;
    this.#calm = 0;
    this.#gaveBack = true;
    this.steps -= 1;
    return 'give-back';
  }

  #trouble(mayGive: boolean): 'give-way' | 'in-vain' | null {
    if (mayGive && this.#rest === 0) {
      this.#lostBefore = this.#seconds.reduce((sum, { lost }) => sum + lost, 0) / this.#seconds.length;
      if (this.#gaveBack) this.#waitLonger();
      this.#gaveBack = false;
      this.steps += 1;
      this.#begin();
      return 'give-way';
    }
    const { lost, seconds } = this.#since;
    const helped = lost <= IN_VAIN * this.#lostBefore * seconds;
    if (mayGive || this.steps === 0 || seconds < JUDGED_S || helped) return null;
    this.#rest = this.#neededCalm;
    this.#waitLonger();
    this.steps -= 1;
    this.#begin();
    return 'in-vain';
  }

  #begin(): void {
    this.#seconds.length = 0;
    this.#since = { lost: 0, seconds: 0 };
  }

  #waitLonger(): void {
    this.#neededCalm = Math.min(MAX_CALM_S, this.#neededCalm * 2);
  }

  forget(source: string): void {
    this.#lostBySource.delete(source);
  }
}
