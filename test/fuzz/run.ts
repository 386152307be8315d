/**
 * `npm run fuzz [-- NAME...] [--seed N] [--inputs N]`: runs every target in this folder with a million inputs, split at
 * random positions. The same seed gives the same inputs. Exit code 1 when a target throws, hangs or leaks memory.
 */
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzJob, FuzzResult } from './support/fuzz.entry.ts';

const INPUTS = 1_000_000;
/** A heap that a bounded parser cannot fill, and a timeout far above any parser's normal time. */
const HEAP_MB = 192;
const TIME_LIMIT_MS = 5 * 60_000;
const JOBS = Math.min(2, availableParallelism());

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, inputs: { type: 'string', default: String(INPUTS) } },
});
const seed = values.seed === undefined ? (Date.now() ^ process.pid) >>> 0 : Number(values.seed);
const inputs = Number(values.inputs);
if (!(Number.isSafeInteger(seed) && Number.isSafeInteger(inputs) && inputs > 0)) {
  console.error('--seed and --inputs are whole numbers.');
  process.exit(2);
}

const files = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'run.ts' && !file.endsWith('.test.ts'))
  .filter((file) => positionals.length === 0 || positionals.includes(file.replace(/\.ts$/, '')))
  .sort();
if (files.length === 0) {
  console.error(`There is no fuzz target ${positionals.join(', ')} in ${import.meta.dirname}.`);
  process.exit(2);
}

console.log(`fuzz: ${files.length} targets, ${inputs} inputs each, seed ${seed}`);
console.log('target            inputs       calls        MB   seconds   grown kB  result');
const waiting = [...files];
const failures: FuzzResult[] = [];
const startMs = performance.now();
await Promise.all(Array.from({ length: JOBS }, work));
console.log(
  `${files.length - failures.length} of ${files.length} held, in ${((performance.now() - startMs) / 1000).toFixed(0)} s.`,
);
for (const failure of failures) {
  if (failure.ok) continue;
  console.error(`\n${failure.name}, input ${failure.inputs}: ${failure.error}`);
  for (const bytes of failure.last) console.error(`  ${bytes}`);
  console.error(`Again: npm run fuzz -- ${failure.name} --seed ${seed} --inputs ${inputs}`);
}
process.exitCode = failures.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const beganMs = performance.now();
    const result = await fuzz(file);
    if (!result.ok) failures.push(result);
    const cells = [
      result.name.padEnd(16),
      String(result.inputs).padStart(8),
      String(result.calls).padStart(12),
      (result.bytes / 1e6).toFixed(1).padStart(10),
      ((performance.now() - beganMs) / 1000).toFixed(1).padStart(10),
      (result.grownBytes / 1024).toFixed(0).padStart(11),
      result.ok ? ' held' : ' FAILED',
    ];
    console.log(cells.join(''));
  }
}

function fuzz(file: string): Promise<FuzzResult> {
  const module = pathToFileURL(join(import.meta.dirname, file)).href;
  const job: FuzzJob = { module, seed, inputs };
  const worker = new Worker(new URL('./support/fuzz.entry.ts', import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  return new Promise((resolve) => {
    const name = file.replace(/\.ts$/, '');
    const fail = (error: string): void =>
      resolve({ ok: false, name, inputs: 0, calls: 0, bytes: 0, grownBytes: 0, error, last: [] });
    const timer = setTimeout(() => {
      fail(`not finished within ${TIME_LIMIT_MS / 1000} s: it hangs`);
      void worker.terminate();
    }, TIME_LIMIT_MS);
    worker.once('message', (result: FuzzResult) => resolve(result));
    // Running out of memory is reported here: the thread's heap is limited.
    worker.once('error', (error) => fail(error instanceof Error ? error.message : String(error)));
    worker.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code} and no result`);
    });
  });
}
