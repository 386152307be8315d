/** The door of the appliance that is using a data folder. */
import { type DoorAddress, DoorClient } from '../common/doorClient.ts';
import { fieldroomError } from '../common/errors.ts';
import { isAlive, readLock } from '../engine/dataFolder.ts';
import { Tokens } from '../engine/door/tokens.ts';

/** The token only needs to last for one call. */
const ONE_CALL_MS = 60_000;

/** @param lifeMs how long the token is valid, milliseconds. @throws FieldroomError `door.unreachable` */
export async function runningDoor(dataFolder: string, lifeMs: number = ONE_CALL_MS): Promise<DoorClient> {
  const address = await runningAddress(dataFolder, lifeMs);
  return new DoorClient(address, fetch, () => runningAddress(dataFolder, lifeMs));
}

/** Address and operator token of the engine that is using the data folder. @throws FieldroomError `door.unreachable` */
export async function runningAddress(dataFolder: string, lifeMs: number = ONE_CALL_MS): Promise<DoorAddress> {
  const lock = readLock(dataFolder);
  if (!lock || !(await isAlive(lock))) throw fieldroomError('door.unreachable:none', { dataFolder });
  const token = new Tokens(lock.secret).issue({ role: 'operator', name: 'cli', expiresMs: Date.now() + lifeMs });
  return { url: lock.url, token };
}

/** A grant with which the engine may write the kit back to the file named on the command line. @returns nothing when no engine is running */
export function kitGrant(dataFolder: string, path: string): string | undefined {
  const lock = readLock(dataFolder);
  return lock ? new Tokens(lock.secret).grant(path) : undefined;
}
