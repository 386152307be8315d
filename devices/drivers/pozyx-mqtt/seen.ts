import type { TagUpdate } from './update.ts';

/** Twenty seconds of a tag at the gateway's usual rate. */
const KEEP = 256;

/**
 * Updates that were taken already. The same one comes twice when the gateway publishes on `tags` and `tags/<id>`, when the
 * broker repeats a message, and when it hands out a retained one at each subscription. An update is the same when tag, gateway
 * time and place are: out of order ones are not.
 */
export class Seen {
  readonly #tags = new Map<string, Set<string>>();

  /** @returns false when it was here before */
  isNew(update: TagUpdate): boolean {
    // Without a time two updates that look alike may well be two.
    if (update.timestampUs === null) return true;
    const key = `${update.timestampUs} ${update.success} ${update.position?.join(' ') ?? ''} ${update.motion?.[0] ?? ''}`;
    const keys = this.#tags.get(update.tagId) ?? new Set<string>();
    this.#tags.set(update.tagId, keys);
    if (keys.has(key)) return false;
    keys.add(key);
    // A set keeps the order of insertion: its first is the oldest.
    if (keys.size > KEEP)
      for (const oldest of keys) {
        keys.delete(oldest);
        break;
      }
    return true;
  }
}
