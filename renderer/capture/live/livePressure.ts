/**
 * Says when the live layer must give way. Of every recorded source it is told once a second how many frames wait in its
 * encoder and how many were lost so far, wherever that was seen; five bad seconds of eight are trouble. Each step is given
 * time to help: the next one needs ten bad seconds of fifteen, since it may take the pictures away altogether. After a calm
 * minute one step is given back; each time that was too early, the wait doubles, up to sixteen minutes.
 */
const BAD_QUEUE = 5;
const BAD_LOST = 2;
const FIRST = { window: 8, bad: 5 };
const NEXT = { window: 15, bad: 10 };
const CALM_S = 60;
const MAX_CALM_S = 960;

export class LivePressure {
  readonly #sources = new Map<string, { lost: number }>();
  #worst = false;
  readonly #seconds: boolean[] = [];
  #calm = 0;
  #neededCalm = CALM_S;
  #gaveBack = false;
  /** Steps given way now. */
  steps = 0;

  /** One source's figures; `lost` counts since it was opened. */
  add(source: string, queue: number, lost: number): void {
    const before = this.#sources.get(source)?.lost;
    this.#sources.set(source, { lost });
    // The first figures of an opening tell of its start, not of the machine.
    if (before === undefined || lost < before) return;
    if (queue >= BAD_QUEUE || lost - before >= BAD_LOST) this.#worst = true;
  }

  /** Once a second. @returns what to do now; `maxSteps`: there is nothing more to give. */
  tick(maxSteps: number): 'give-way' | 'give-back' | null {
    const rule = this.steps === 0 ? FIRST : NEXT;
    this.#seconds.push(this.#worst);
    while (this.#seconds.length > rule.window) this.#seconds.shift();
    this.#calm = this.#worst ? 0 : this.#calm + 1;
    this.#worst = false;
    if (this.#seconds.filter(Boolean).length >= rule.bad && this.steps < maxSteps) {
      this.#seconds.length = 0;
      if (this.#gaveBack) this.#neededCalm = Math.min(MAX_CALM_S, this.#neededCalm * 2);
      this.#gaveBack = false;
      this.steps += 1;
      return 'give-way';
    }
    if (this.steps > 0 && this.#calm >= this.#neededCalm) {
      this.#calm = 0;
      this.#gaveBack = true;
      this.steps -= 1;
      return 'give-back';
    }
    return null;
  }

  forget(source: string): void {
    this.#sources.delete(source);
  }
}
