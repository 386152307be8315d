/** `npm run new-driver NAME` */
import { join } from 'node:path';
import process from 'node:process';
import { reportOf } from '../electron/common/errors.ts';
import { newDriver } from './newDriver/newDriver.ts';

const [name = ''] = process.argv.slice(2);
try {
  const files = await newDriver(join(import.meta.dirname, '..'), name);
  process.stdout.write(`${files.map((file) => `  ${file}`).join('\n')}

The skeleton works. Try it:   npx vitest run --project conformance -t "${name}"
Then write, in this order:    README.md (source of the protocol), parser.ts and its tests, emulator.ts, driver.ts
Then format:                  npm run format
`);
} catch (error) {
  const { message, nextStep } = reportOf(error);
  process.stderr.write(`${message}${nextStep ? ` ${nextStep}` : ''}\n`);
  process.exitCode = 2;
}
