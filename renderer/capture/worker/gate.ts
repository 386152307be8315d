/** Decides which sources may send data now. */
export class Gate {
  generation = 0;
  #recording = false;
  #live = false;
  #paused = new Set<string>();

  /** @param live data is shown live while it is not recorded */
  set(generation: number, recording: boolean, live: boolean, paused: readonly string[]): void {
    this.generation = generation;
    this.#recording = recording;
    this.#live = live;
    this.#paused = new Set(paused);
  }

  /** A person paused it: it is neither encoded nor shown. */
  isPaused(source: string): boolean {
    return this.#paused.has(source);
  }

  mayPublish(source: string): boolean {
    return this.#recording && !this.#paused.has(source);
  }

  /** Its data is not recorded, but shown live. */
  onlyLive(source: string): boolean {
    return this.#live && !this.#recording && !this.#paused.has(source);
  }
}
