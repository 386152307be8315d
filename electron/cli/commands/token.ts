import { resolve } from 'node:path';
import process from 'node:process';
import { DoorClient } from '../../common/doorClient.ts';
import { FieldroomError } from '../../common/errors.ts';
import { isAlive, readLock } from '../../engine/dataFolder.ts';
import { Tokens } from '../../engine/door/tokens.ts';
import { printJson } from '../terminal.ts';

interface TokenOptions {
  identity: string;
  publish?: boolean;
  data: string;
  json?: boolean;
}

/** One call's life is enough. */
const OPERATOR_TOKEN_MS = 60_000;

export async function token({ identity, publish = false, data, json }: TokenOptions): Promise<void> {
  const door = await runningDoor(resolve(data));
  const access = await door.call('token.create', { identity, publish });
  if (json) printJson(access);
  else process.stdout.write(`url    ${access.url}\nroom   ${access.room}\ntoken  ${access.token}\n`);
}

/** The door of the appliance that runs on this data folder. @throws FieldroomError `door.unreachable` */
export async function runningDoor(dataFolder: string): Promise<DoorClient> {
  const lock = readLock(dataFolder);
  if (!lock || !(await isAlive(lock)))
    throw new FieldroomError('door.unreachable', `No Fieldroom is running on ${dataFolder}.`, {
      nextStep: 'Start it with `npm start` or `npx fieldroom serve`, or name its folder with --data.',
    });
  const operator = new Tokens(lock.secret).issue({
    role: 'operator',
    name: 'cli',
    expiresMs: Date.now() + OPERATOR_TOKEN_MS,
  });
  return new DoorClient({ url: lock.url, token: operator }, fetch);
}
