/** Which sources may leave the process now. */
export class Gate {
  generation = 0;
  #recording = false;
  #paused = new Set<string>();

  set(generation: number, recording: boolean, paused: readonly string[]): void {
    this.generation = generation;
    this.#recording = recording;
    this.#paused = new Set(paused);
  }

  /** A person paused it: it is neither encoded nor shown. */
  isPaused(source: string): boolean {
    return this.#paused.has(source);
  }

  mayPublish(source: string): boolean {
    return this.#recording && !this.#paused.has(source);
  }
}
