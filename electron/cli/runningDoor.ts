/** The door of the appliance that runs on a data folder. */
import { DoorClient } from '../common/doorClient.ts';
import { fieldroomError } from '../common/errors.ts';
import { isAlive, readLock } from '../engine/dataFolder.ts';
import { Tokens } from '../engine/door/tokens.ts';

/** One call's life is enough. */
const ONE_CALL_MS = 60_000;

/** @param lifeMs of the token. @throws FieldroomError `door.unreachable` */
export async function runningDoor(dataFolder: string, lifeMs: number = ONE_CALL_MS): Promise<DoorClient> {
  const lock = readLock(dataFolder);
  if (!lock || !(await isAlive(lock))) throw fieldroomError('door.unreachable:none', { dataFolder });
  const operator = new Tokens(lock.secret).issue({ role: 'operator', name: 'cli', expiresMs: Date.now() + lifeMs });
  return new DoorClient({ url: lock.url, token: operator }, fetch);
}
