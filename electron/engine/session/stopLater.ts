import { setTimeout as sleep } from 'node:timers/promises';
import { fieldroomError } from '../../common/errors.ts';

/** Who pressed Stop hears by then that it has to wait for the disk. */
const WITHIN_MS = 15_000;

/** The end of a session, but no longer than people wait. @throws FieldroomError `session.stop-later` while the disk is away */
export function orLater<T>(stopped: Promise<T>, isAway: () => boolean): Promise<T> {
  const late = async (): Promise<T> => {
    await sleep(WITHIN_MS, undefined, { ref: false });
    if (!isAway()) return stopped;
    throw fieldroomError('session.stop-later');
  };
  return Promise.race([stopped, late()]);
}
