import { setTimeout as sleep } from 'node:timers/promises';
import { fieldroomError } from '../../common/errors.ts';

/** After this time the person who pressed Stop is informed that it waits for the disk. */
const WITHIN_MS = 15_000;

/**
 * Waits for the end of a session, within the time limit. @throws FieldroomError `session.stop-later` while the disk is
 * away
 */
export function orLater<T>(stopped: Promise<T>, isAway: () => boolean): Promise<T> {
  const late = async (): Promise<T> => {
    await sleep(WITHIN_MS, undefined, { ref: false });
    if (!isAway()) return stopped;
    throw fieldroomError('session.stop-later');
  };
  return Promise.race([stopped, late()]);
}
