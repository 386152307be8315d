/** Which of the devices that are plugged in came while the window was open: told as new for a while. Pure. */

/** The publishers tell what is there one after the other when they begin: that is not new. */
const FIRST_LOOK_MS = 8_000;
const NEW_FOR_MS = 60_000;

export class NewDevices {
  #firstMs: number | null = null;
  readonly #since = new Map<string, number>();

  /** @param keys all that is plugged in now. @returns those that are new */
  look(keys: readonly string[], nowMs: number): ReadonlySet<string> {
    if (this.#firstMs === null && keys.length > 0) this.#firstMs = nowMs;
    const there = new Set(keys);
    for (const key of this.#since.keys()) if (!there.has(key)) this.#since.delete(key);
    const first = this.#firstMs === null || nowMs - this.#firstMs < FIRST_LOOK_MS;
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, first ? Number.NEGATIVE_INFINITY : nowMs);
    return new Set(keys.filter((key) => nowMs - (this.#since.get(key) as number) < NEW_FOR_MS));
  }
}
