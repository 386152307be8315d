/**
 * Frames that a camera produced but nobody read, by the browser's own count (`MediaStreamTrack.stats`). A hole in the
 * frames' timestamps usually shows a missing frame, but not always: a late frame followed by a lost one leaves two
 * steps that are both shorter than a hole. Losses in the count beyond the holes are reported here, so that none goes
 * unreported.
 *
 * The count is taken before the worker is asked how many frames it has read (`made`) and after its answer (`madeThen`):
 * the true number of missing frames is between the two, and only what is certain is reported.
 */
export interface Counted {
  made: number;
  madeThen: number;
  /** Frames that the worker had read, and frames that it had reported missing. */
  read: number;
  told: number;
}

export class FrameLedger {
  /** Number of missing frames, read or not, at the last check: those from before the first check are not attributed. */
  #known: number | null = null;

  /** @returns the number of missing frames not reported yet. */
  add({ made, madeThen, read, told }: Counted): number {
    const atLeast = made - read - told;
    const atMost = madeThen - read - told;
    const known = this.#known ?? atMost;
    // Fewer than before: holes made by the camera itself.
    this.#known = Math.max(atLeast, Math.min(atMost, known));
    return Math.max(0, atLeast - known);
  }
}

/**
 * Frames that the camera produced for this track; null if the browser does not count. Frames skipped for a lower rate
 * are not missing.
 */
export function framesMade(track: MediaStreamTrack): number | null {
  const { stats } = track as MediaStreamTrack & { stats?: { totalFrames: number; discardedFrames: number } };
  return stats ? stats.totalFrames - stats.discardedFrames : null;
}
