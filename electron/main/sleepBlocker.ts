/** Keeps the machine awake while it records, and only then. */
import type { PowerSaveBlocker } from 'electron';

export class SleepBlocker {
  readonly #blocker: PowerSaveBlocker;
  #id: number | null = null;

  constructor(blocker: PowerSaveBlocker) {
    this.#blocker = blocker;
  }

  keepAwake(wanted: boolean): void {
    if (wanted && this.#id === null) this.#id = this.#blocker.start('prevent-app-suspension');
    if (wanted || this.#id === null) return;
    this.#blocker.stop(this.#id);
    this.#id = null;
  }
}
