/** One fuzz target in its own thread, whose memory is limited from outside. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { Inputs } from './inputs.ts';

/** Export of a module in `test/fuzz`: a name, and a function that takes bytes and must neither throw nor leak memory. */
export interface FuzzTarget {
  name: string;
  target(bytes: Uint8Array): void;
  /** Valid frames to damage; without them inputs are random only. */
  seeds?: readonly Uint8Array[];
}

export interface FuzzJob {
  /** URL of the target's module. */
  module: string;
  seed: number;
  inputs: number;
}

export type FuzzResult = { name: string; inputs: number; calls: number; bytes: number; grownBytes: number } & (
  | { ok: true }
  /** The last inputs in hex; the last one is the one that failed. */
  | { ok: false; error: string; last: string[] }
);

/** Growth between a tenth of the inputs and the end; caches are full by then. */
export const MAX_GROWTH_BYTES = 16 * 1024 * 1024;
const KEEP_LAST = 4;

if (parentPort !== null) parentPort.postMessage(await run(workerData as FuzzJob));

async function run(job: FuzzJob): Promise<FuzzResult> {
  const { name, target, seeds = [] } = (await import(job.module)) as FuzzTarget;
  const inputs = new Inputs(job.seed, seeds);
  const last: Uint8Array[] = [];
  const counts = { name, inputs: 0, calls: 0, bytes: 0, grownBytes: 0 };
  const failed = (error: string): FuzzResult => ({
    ...counts,
    ok: false,
    error,
    last: last.map((bytes) => Buffer.from(bytes).toString('hex')),
  });
  let startBytes = usedBytes();
  // A parser that catches errors, such as JSON's, would spend its time on stack traces that are not used.
  Error.stackTraceLimit = 0;
  while (counts.inputs < job.inputs) {
    if (counts.inputs === Math.floor(job.inputs / 10)) startBytes = usedBytes();
    const input = inputs.next();
    counts.inputs += 1;
    counts.bytes += input.length;
    try {
      let from = 0;
      for (const to of inputs.cuts(input.length)) {
        counts.calls += 1;
        target(input.subarray(from, to));
        from = to;
      }
    } catch (error) {
      last.push(input);
      Error.stackTraceLimit = 20;
      return failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    // Copy only the last few of each ten thousand: enough context for a failure without slowing everything down.
    if (counts.inputs % 10_000 < KEEP_LAST) {
      last.push(input.slice());
      if (last.length > KEEP_LAST) last.shift();
    }
  }
  counts.grownBytes = usedBytes() - startBytes;
  if (counts.grownBytes > MAX_GROWTH_BYTES)
    return failed(`memory grew by ${counts.grownBytes} bytes and did not shrink`);
  return { ...counts, ok: true };
}

/** Memory in use after a collection. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
  return heap + outside;
}
