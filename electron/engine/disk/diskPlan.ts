/**
 * When the disk runs full, the least valuable data stops first:
 *
 *   left ──▶ 2 reserves: pictures stop ──▶ 1 reserve: sound stops ──▶ 0.6 reserves: the session is stopped and sealed
 *
 * Half a reserve is kept on the disk as a real file (`reserve.ts`), so that the index and sealing have space even when
 * another program uses the last byte.
 */

/** What has stopped; each stage includes the ones before it. */
export const STAGES = ['all goes on', 'pictures stop', 'sound stops', 'session stops'] as const;
export type Stage = 0 | 1 | 2 | 3;

/** Two reserves are six minutes of six cameras; one is eighteen of their microphones and sensors. */
export const RESERVE_BYTES = 64 * 1024 * 1024;

/** Below these multiples of the reserve a stage begins. */
const BEGINS = [Number.POSITIVE_INFINITY, 2, 1, 0.6] as const;
/** Hysteresis: this much more space must be free before a stage is undone, so that the stages do not alternate. */
const BACK = 1.5;

/**
 * @param leftBytes free bytes and the part of the reserve that exists as a file.
 * @param before the stage until now.
 */
export function stageOf(leftBytes: number, reserveBytes: number, before: Stage): Stage {
  const reached = (factor: number): Stage =>
    BEGINS.findLastIndex((begins) => leftBytes < begins * reserveBytes * factor) as Stage;
  const now = reached(1);
  return now >= before ? now : (Math.min(before, reached(BACK)) as Stage);
}

/** Minutes until the first thing stops; 0 when something has. */
export const minutesLeft = (leftBytes: number, reserveBytes: number, bytesPerSecond: number): number =>
  Math.max(0, leftBytes - 2 * reserveBytes) / bytesPerSecond / 60;

/** Source kinds that have stopped in a stage; stopping the session stops no further kind. */
export function stoppedKinds(stage: Stage): readonly string[] {
  if (stage === 0) return [];
  return stage === 1 ? ['camera', 'screen'] : ['camera', 'screen', 'microphone'];
}
