/**
 * Runs the tests that need no Electron with Node for Windows, under Wine: unit and property tests, and `test/portable`.
 * npm run test:windows            all of them
 * npm run test:windows -- short   what differs between systems (part of npm test once Wine is set up)
 */
import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { startEmulators } from '../../devices/emulate.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { makeExchange } from '../portable/exchange.ts';
import { judge, type Report } from './judge.ts';
import { LIMITS } from './limits.ts';
import { openWine } from './wine.ts';

const NODE = 'wine node_modules/node/bin/node.exe';
const VITEST = 'node_modules/vitest/vitest.mjs';
/** Areas with the largest differences between systems: files, paths, processes and ports. */
const SHORT = [
  'test/portable',
  'electron/session',
  'electron/main',
  'devices/host',
  'devices/transports',
  'upload/journal',
];

const short = process.argv[2] === 'short';
process.exitCode = await main();

async function main(): Promise<number> {
  using wine = openWine();
  const [linux, windows] = [join(wine.out, 'linux'), join(wine.out, 'windows')];
  await makeExchange(linux);
  // The pseudo terminal is the port COM10 under Wine.
  const emulated = await startEmulators(
    kitSchema.parse({
      name: 'Port',
      sources: [{ id: 'port', kind: 'serial', driver: 'lines', match: { path: 'emulator:lines' } }],
    }),
  );
  const port = emulated.kit.sources[0]?.match.path ?? '';
  try {
    const projects = '--project unit --project portable';
    const code = await wine.run(
      `ln -sf ${realpathSync(port)} /wine/dosdevices/com10; ` +
        `${NODE} ${VITEST} run ${projects} --testTimeout=120000 --reporter=default --reporter=json --outputFile.json=Z:/out/report.json ` +
        `${short ? SHORT.join(' ') : ''} > /out/words.txt 2>&1; wineserver -k`,
      {
        FIELDROOM_TEST_EXCHANGE: 'Z:\\out\\linux',
        FIELDROOM_TEST_EXCHANGE_OUT: 'Z:\\out\\windows',
        FIELDROOM_TEST_PORT: 'COM10',
        FIELDROOM_LIVEKIT_SERVER: 'Z:\\livekit\\livekit-server.exe',
        FIELDROOM_BRIDGE: 'Z:\\bridge\\fieldroom-bridge.exe',
      },
    );
    const words = readFileSync(join(wine.out, 'words.txt'), 'utf8');
    process.stdout.write(words);
    const report = read(join(wine.out, 'report.json'));
    if (!report) {
      process.stderr.write(`Windows' Node ended with ${code} and left no report.\n`);
      return 1;
    }
    const { text, good } = judge(report, LIMITS, { all: !short });
    const back = await native(windows, linux);
    process.stdout.write(`\n${text}\nSessions made under Wine and read here: ${back === 0 ? 'whole' : 'FAILED'}\n`);
    return good && back === 0 ? 0 : 1;
  } finally {
    await emulated.stop();
  }
}

/** The same exchange tests in the other direction. */
function native(theirs: string, own: string): Promise<number | null> {
  const args = [VITEST, 'run', '--project', 'portable', 'test/portable/exchange.test.ts'];
  const child = spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, '../..'),
    stdio: 'inherit',
    env: { ...process.env, FIELDROOM_TEST_EXCHANGE: theirs, FIELDROOM_TEST_EXCHANGE_OUT: `${own}-again` },
  });
  return new Promise((done) => child.once('exit', done));
}

function read(file: string): Report | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report;
  } catch {
    return null;
  }
}
