/** Stops a session after the chosen time; the window shows the time left. */
export class StopTimer {
  #timer: NodeJS.Timeout | undefined;
  #atMs: number | null = null;

  /** Milliseconds left; null: no time was chosen. */
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
