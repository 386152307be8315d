/** A new driver developer's first minute: the driver that `npm run new-driver` creates passes before any edit. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newDriver } from '../../devices/newDriver/newDriver.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
let copy = '';

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'fieldroom-new-driver-'));
  for (const part of [
    'devices',
    'electron/common',
    'resources/locales',
    'test/conformance',
    'test/fixtures',
    'package.json',
    'vitest.config.ts',
    'tsconfig.base.json',
  ])
    await cp(join(root, part), join(copy, part), { recursive: true });
  await mkdir(join(copy, 'test', 'fuzz'));
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
});

afterAll(() => rm(copy, { recursive: true, force: true }));

const inCopy = (script: string, ...args: string[]) =>
  run(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: copy,
    env: { ...process.env, NO_COLOR: '1' },
  }).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout ?? String(error));
  });

it('creates a driver that passes the conformance suite', async () => {
  const files = await newDriver(copy, 'sound-level');
  expect(await readdir(join(copy, 'devices', 'drivers', 'sound-level'))).toEqual(
    expect.arrayContaining(['README.md', 'driver.ts', 'emulator.ts', 'parser.ts', 'parser.property.test.ts']),
  );
  expect(files).toContain(join('test', 'fuzz', 'sound-level.ts'));
  await expect(newDriver(copy, 'sound-level')).rejects.toMatchObject({ code: 'driver.exists' });
  await expect(newDriver(copy, '../x')).rejects.toMatchObject({ code: 'driver.bad-name' });
  // The folder and its line in the registry are enough for Setup to offer it, with the form for its settings.
  const script = `import { drivers } from './devices/registry.ts';
    import { describeDriver } from './devices/describe.ts';
    const info = describeDriver(drivers.find(({ id }) => id === 'sound-level'));
    process.stdout.write(JSON.stringify(info));`;
  const described = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: copy });
  expect(JSON.parse(described.stdout)).toMatchObject({
    id: 'sound-level',
    kinds: ['serial'],
    settings: [{ name: 'baudRate', kind: 'number', label: 'Baud rate', unit: 'bit/s', default: 115_200 }],
  });
  const vitest = join('vitest', 'vitest.mjs');
  const suite = await inCopy(vitest, 'run', '--project', 'conformance', 'drivers.test', '-t', 'sound-level');
  expect(suite.stdout).toMatch(/Tests.* 11 passed/);
  const unit = await inCopy(vitest, 'run', '--project', 'unit', 'drivers/sound-level');
  expect(unit.stdout).toMatch(/Tests.* 2 passed/);
}, 120_000);
