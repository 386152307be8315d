import { resolve } from 'node:path';
import process from 'node:process';
import { runningDoor } from '../runningDoor.ts';
import { printJson } from '../terminal.ts';

interface TokenOptions {
  identity: string;
  publish?: boolean;
  data: string;
  json?: boolean;
}

export async function token({ identity, publish = false, data, json }: TokenOptions): Promise<void> {
  const door = await runningDoor(resolve(data));
  const access = await door.call('token.create', { identity, publish });
  if (json) printJson(access);
  else process.stdout.write(`url    ${access.url}\nroom   ${access.room}\ntoken  ${access.token}\n`);
}
