/**
 * The engine on its own host: prints {"url", "token"}, records from the first line of input to the second, seals, and
 * prints {"folder"}.
 *   recorder.entry.ts DATA-FOLDER
 */
import process from 'node:process';
import { createInterface } from 'node:readline';
import { sensorKit, testEngine } from '../fixtures/engine.ts';

const say = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
await using test = await testEngine({ dataFolder: process.argv[2] as string });
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
await test.door.call('kit.load', { kit: sensorKit('counter'), path: null });
say(test.address('devices'));
if (!(await lines.next()).done) {
  const { id } = await test.door.call('session.start', {});
  await lines.next();
  await test.door.call('session.stop', {});
  const { folder } = await test.door.call('session.sealed', { id });
  say({ folder });
}
process.stdin.destroy();
