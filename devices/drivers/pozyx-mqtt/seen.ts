import type { TagUpdate } from './update.ts';

/** Twenty seconds of one tag at the gateway's usual rate. */
const KEEP = 256;

/**
 * Updates that were already recorded. The same one arrives twice if the gateway publishes on `tags` and `tags/<id>`, if
 * the broker repeats a message, and if it delivers a retained one at each subscription. Updates are equal if tag,
 * gateway time and position match; out-of-order ones are not equal.
 */
export class Seen {
  readonly #tags = new Map<string, Set<string>>();

  /** @returns false if it was already recorded */
  isNew(update: TagUpdate): boolean {
    // Without a time, two updates that look alike may well be different ones.
    if (update.timestampUs === null) return true;
    const key = `${update.timestampUs} ${update.success} ${update.position?.join(' ') ?? ''} ${update.motion?.[0] ?? ''}`;
    const keys = this.#tags.get(update.tagId) ?? new Set<string>();
    this.#tags.set(update.tagId, keys);
    if (keys.has(key)) return false;
    keys.add(key);
    // A set keeps insertion order, so its first element is the oldest.
    if (keys.size > KEEP)
      for (const oldest of keys) {
        keys.delete(oldest);
        break;
      }
    return true;
  }
}
