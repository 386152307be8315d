import { setTimeout as sleep } from 'node:timers/promises';
import { FieldroomError } from '../../common/errors.ts';

/** Who pressed Stop hears by then that it has to wait for the disk. */
const WITHIN_MS = 15_000;

/** The end of a session, but no longer than people wait. @throws FieldroomError `session.stop-later` while the disk is away */
export function orLater<T>(stopped: Promise<T>, isAway: () => boolean): Promise<T> {
  const late = async (): Promise<T> => {
    await sleep(WITHIN_MS, undefined, { ref: false });
    if (!isAway()) return stopped;
    throw new FieldroomError('session.stop-later', 'The disk does not answer, so the session could not be ended yet.', {
      nextStep: 'It is ended by itself as soon as the disk is there again. Check that its drive is plugged in.',
    });
  };
  return Promise.race([stopped, late()]);
}
