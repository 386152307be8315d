/**
 * Frames that a camera made and nobody read, by the browser's own count (`MediaStreamTrack.stats`). A hole in the frames'
 * timestamps tells when one is missing, but not always: a frame that came late and one that was lost behind it leave two
 * steps that are both less than a hole. What the count knows beyond the holes is told here, so that none is lost unsaid.
 *
 * The count is taken before the worker is asked how many it has read (`made`) and after its answer (`madeThen`): the
 * frames that are missing lie between the two, and only what is certain is told.
 */
export interface Counted {
  made: number;
  madeThen: number;
  /** Frames that the worker had read, and frames that it had told as missing. */
  read: number;
  told: number;
}

export class FrameLedger {
  /** How many were missing, read or not, when last looked: those from before the first look are nobody's. */
  #known: number | null = null;

  /** @returns how many frames are missing that nobody told. */
  add({ made, madeThen, read, told }: Counted): number {
    const atLeast = made - read - told;
    const atMost = madeThen - read - told;
    const known = this.#known ?? atMost;
    // Fewer than was known: holes that the camera made itself.
    this.#known = Math.max(atLeast, Math.min(atMost, known));
    return Math.max(0, atLeast - known);
  }
}

/** Frames that the camera made for this track; null where the browser does not count. What a lower rate leaves out is not missing. */
export function framesMade(track: MediaStreamTrack): number | null {
  const { stats } = track as MediaStreamTrack & { stats?: { totalFrames: number; discardedFrames: number } };
  return stats ? stats.totalFrames - stats.discardedFrames : null;
}
