/** Which of the plugged-in devices appeared while the window was open: marked as new for a while. Pure. */

/** When publishers start, they report their devices one after the other: those are not new. */
const FIRST_LOOK_MS = 8_000;
const NEW_FOR_MS = 60_000;

export class NewDevices {
  #firstMs: number | null = null;
  readonly #since = new Map<string, number>();

  /** @param keys everything plugged in now. @returns the new ones */
  look(keys: readonly string[], nowMs: number): ReadonlySet<string> {
    if (this.#firstMs === null && keys.length > 0) this.#firstMs = nowMs;
    const there = new Set(keys);
    for (const key of this.#since.keys()) if (!there.has(key)) this.#since.delete(key);
    const first = this.#firstMs === null || nowMs - this.#firstMs < FIRST_LOOK_MS;
    for (const key of keys) if (!this.#since.has(key)) this.#since.set(key, first ? Number.NEGATIVE_INFINITY : nowMs);
    return new Set(keys.filter((key) => nowMs - (this.#since.get(key) as number) < NEW_FOR_MS));
  }
}
