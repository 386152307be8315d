/**
 * Waits at the end of a session for what its publishers still hold: those that are connected, and those that lost their
 * connection a moment ago and are on their way back with what was not yet safe.
 */

/** A publisher that does not say `drained` for this long has died: what came from it is kept. */
const WITHIN_MS = 4000;
/** One that has been gone for longer does not come back by itself: it tries again every few hundred milliseconds. */
const GONE_MS = 5000;

export class Draining {
  /** When each publisher that is gone was lost, milliseconds of `performance.now()`. */
  readonly #lost = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();

  attached(publisher: string): void {
    this.#lost.delete(publisher);
  }

  detached(publisher: string, nowMs = performance.now()): void {
    this.#lost.set(publisher, nowMs);
  }

  /** It has sent all that it had. */
  drained(publisher: string): void {
    this.#waiting.get(publisher)?.();
  }

  /** Resolves when nothing more is to be expected. @param connected names of the publishers at the door */
  async all(connected: Iterable<string>, nowMs = performance.now()): Promise<void> {
    const lately = [...this.#lost].filter(([, lostMs]) => nowMs - lostMs < GONE_MS).map(([publisher]) => publisher);
    await Promise.all([...new Set([...connected, ...lately])].map((publisher) => this.#wait(publisher)));
  }

  #wait(publisher: string): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(publisher);
        resolve();
      };
      const timer = setTimeout(done, WITHIN_MS);
      this.#waiting.set(publisher, done);
    });
  }
}
