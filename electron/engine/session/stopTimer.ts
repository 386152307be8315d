/** Stops a session after the time that a person chose; the window shows how long is left. */
export class StopTimer {
  #timer: NodeJS.Timeout | undefined;
  #atMs: number | null = null;

  /** Milliseconds that are left; null: nothing was chosen. */
  get leftMs(): number | null {
    return this.#atMs === null ? null : Math.max(0, this.#atMs - performance.now());
  }

  /** @param seconds from now; null: never */
  set(seconds: number | null, stop: () => void): void {
    this.clear();
    if (seconds === null) return;
    this.#atMs = performance.now() + seconds * 1000;
    this.#timer = setTimeout(() => {
      this.clear();
      stop();
    }, seconds * 1000);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#atMs = null;
  }
}
