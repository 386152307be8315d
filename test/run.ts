// Runs the stages of `npm run check` and `npm test` in order. A failed stage skips only those that depend on it; the others
// still run, so that the summary shows every failure.
//   node test/run.ts check | all
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whyNoWine, wineRoot } from '../native/wine.mjs';

interface Stage {
  name: string;
  /** Command that repeats this stage alone. */
  repeat: string;
  args: string[];
  /** A vitest stage counts its tests; any other counts as one. */
  counts?: boolean;
  /** Name of a stage that must pass first. */
  after?: string;
  /** Why it cannot run here; printed when skipped, and again in the summary. */
  unavailable?: () => string | undefined;
}

interface Count {
  passed: number;
  failed: number;
}

interface Report {
  numPassedTests: number;
  numFailedTests: number;
}

const root = join(import.meta.dirname, '..');
const tool = (...parts: string[]) => join(root, 'node_modules', ...parts);
const throughRun = 'node native/run.mjs --needs';

const check: Stage[] = [
  { name: 'types', repeat: 'npm run typecheck', args: [tool('typescript', 'bin', 'tsc'), '-b'] },
  {
    name: 'lint and format',
    repeat: `${throughRun} packages -- node_modules/@biomejs/biome/bin/biome check   (npm run format fixes the format)`,
    args: [tool('@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings'],
  },
  vitest('unit', 'packages'),
];

const everything = 'packages,electron,livekit,system,display,build,test-tools';
const all: Stage[] = [
  ...check,
  {
    name: 'bridge',
    repeat: 'npm run test:bridge',
    args: [join(root, 'native', 'testBridge.mjs')],
  },
  vitest('conformance', everything),
  vitest('portable', everything),
  {
    name: 'windows, short',
    repeat: 'npm run test:windows -- short',
    args: [join(root, 'native', 'run.mjs'), '--needs', 'packages,wine', '--', 'test/windows/run.ts', 'short'],
    after: 'portable',
    unavailable: () => whyNoWine() ?? (existsSync(wineRoot()) ? undefined : 'set it up with: npm run test:windows'),
  },
  vitest('integration', everything),
  vitest('e2e', everything),
  {
    name: 'packing',
    repeat: 'npm run package',
    args: [join(root, 'native', 'package.mjs'), 'dir'],
  },
  { ...vitest('package', everything), after: 'packing' },
];

function vitest(project: string, needs: string): Stage {
  const args = ['run', '--project', project, '--passWithNoTests'];
  return {
    name: project,
    repeat: `${throughRun} ${needs} -- node_modules/vitest/vitest.mjs run --project ${project}`,
    args: [tool('vitest', 'vitest.mjs'), ...args],
    counts: true,
    // Without correct types, running the tests is not worth the time.
    after: 'types',
  };
}

function run(args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

async function runStage(stage: Stage, folder: string): Promise<Count> {
  if (!stage.counts) return (await run(stage.args)) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const report = join(folder, `${stage.name}.json`);
  const good = await run([...stage.args, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  const count = readReport(report);
  // A file that does not load, or an error outside a test, fails the stage without a failed test.
  return good ? count : { ...count, failed: Math.max(1, count.failed) };
}

function readReport(file: string): Count {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(file, 'utf8')) as Report;
    return { passed: numPassedTests, failed: numFailedTests };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

async function main(): Promise<number> {
  const stages = { check, all }[process.argv[2] ?? ''];
  if (!stages) {
    process.stderr.write('Usage: node test/run.ts check | all\n');
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), 'fieldroom-test-'));
  const total: Count = { passed: 0, failed: 0 };
  const bad: Stage[] = [];
  const notRun: string[] = [];
  try {
    for (const stage of stages) {
      if (bad.some(({ name }) => name === stage.after)) continue;
      const why = stage.unavailable?.();
      if (why !== undefined) {
        notRun.push(`NOT RUN: ${stage.name}: ${why}`);
        process.stdout.write(`\n== ${notRun.at(-1)}\n`);
        continue;
      }
      process.stdout.write(`\n== ${stage.name}\n`);
      const startMs = performance.now();
      const count = await runStage(stage, folder);
      total.passed += count.passed;
      total.failed += count.failed;
      if (count.failed > 0) bad.push(stage);
      const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
      process.stdout.write(`== ${stage.name}: ${count.failed === 0 ? 'good' : 'FAILED'} in ${seconds} s\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const text of notRun) process.stdout.write(`\n${text}\n`);
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  for (const { name, repeat } of bad) process.stdout.write(`To repeat ${name}: ${repeat}\n`);
  return total.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
