/**
 * `npm run bench -- idle [--minutes 60]`: the app idle with nothing configured. Prints its network activity; exit code 1 if
 * there was any. Linux, root.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { TestPlace } from '../fixtures/appliance.ts';
import { leaveAlone } from '../fixtures/idle.ts';
import { nameQuestions, outward } from '../fixtures/outward.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
await using place = new TestPlace();
const { sent, calls, uploads } = await leaveAlone(place, Number(values.minutes) * 60);
const said = [...outward(calls), ...nameQuestions(calls)].map(({ line }) => line);
process.stdout.write(
  `${values.minutes} min: ${sent} packets left, ${said.length} of ${calls.length} calls were meant for others, ${uploads.length} uploads\n${said.join('\n')}\n`,
);
process.exitCode = sent > 0 || said.length > 0 ? 1 : 0;
