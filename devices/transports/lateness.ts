/**
 * How long before a read its bytes may already have been there. A thread that waits for its ports sees each byte at once;
 * bytes wait only while the thread works, or while it could run and the system lets others run:
 *
 *   waits for ports │ could run, others do │ works: other callbacks, then this one
 *                   ▲ bytes arrive                                     ▲ read
 *
 * So they are at most as old as the work since the last wait, plus the time in the run queue, which Linux counts for each
 * thread (`/proc/self/task/TID/schedstat`, second number, nanoseconds; Documentation/scheduler/sched-stats.rst). Where
 * nothing counts it, a timer looks every few milliseconds: bytes that are read now were not there at the look before the
 * last. What a wire, a chip and the kernel take before a port is readable is not in it: nothing here sees that.
 */
import { openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/** Nanoseconds since the process began that one of its threads, or all of them, could run and did not. */
export interface RunQueue {
  mainNs(): number;
  allNs(): number;
}

/** Null on systems that do not count it. */
export function linuxRunQueue(): RunQueue | null {
  const own = `/proc/self/task/${process.pid}/schedstat`;
  const buffer = Buffer.alloc(96);
  let fd: number;
  try {
    fd = openSync(own, 'r');
  } catch {
    return null;
  }
  const mainNs = (): number => waitedNs(buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0)));
  if (Number.isNaN(mainNs())) return null;
  return { mainNs, allNs: () => sumOverThreads() };
}

function sumOverThreads(): number {
  let sum = 0;
  for (const thread of readdirSync('/proc/self/task'))
    try {
      sum += waitedNs(readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1'));
    } catch {
      // The thread has ended since.
    }
  return sum;
}

const waitedNs = (text: string): number => Number(text.split(' ')[1] ?? Number.NaN);

/** Nanoseconds that this thread's loop has waited for something to happen. */
const idleNs = (): number => performance.eventLoopUtilization().idle * 1e6;

const LOOK_MS = 2;

export interface LatenessOptions {
  now: () => number;
  /** Null: the system does not count it. */
  runQueue?: RunQueue | null;
  idleNs?: () => number;
}

/** One for each thread that reads ports. */
export class Lateness {
  readonly #now: () => number;
  readonly #runQueue: RunQueue | null;
  readonly #idleNs: () => number;
  #last: { atNs: number; idleNs: number; waitedNs: number; lateNs: number };
  /** Times of the last two looks, where no run queue is counted. */
  #looks: [number, number];
  #timer: NodeJS.Timeout | null = null;

  constructor({ now, runQueue = linuxRunQueue(), idleNs: idle = idleNs }: LatenessOptions) {
    this.#now = now;
    this.#runQueue = runQueue;
    this.#idleNs = idle;
    const atNs = now();
    this.#last = { atNs, idleNs: idle(), waitedNs: runQueue?.mainNs() ?? 0, lateNs: 0 };
    this.#looks = [atNs, atNs];
    if (!runQueue) this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** What the timer does. */
  look(): void {
    this.#looks = [this.#looks[1], this.#now()];
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /**
   * To be asked right after a read. @param nowNs when it was stamped
   * @returns nanoseconds by which its bytes may have been there earlier
   */
  ofRead(nowNs: number): number {
    if (!this.#runQueue) return Math.max(0, nowNs - this.#looks[0]);
    const before = this.#last;
    const idle = this.#idleNs();
    const waitedNs = this.#runQueue.mainNs();
    const passedNs = nowNs - before.atNs;
    const restedNs = idle - before.idleNs;
    // Without a rest in between the ports were not looked at again for sure.
    const lateNs =
      restedNs > 0
        ? Math.max(0, passedNs - restedNs) + Math.max(0, waitedNs - before.waitedNs)
        : before.lateNs + Math.max(0, passedNs);
    this.#last = { atNs: nowNs, idleNs: idle, waitedNs, lateNs };
    return lateNs;
  }
}

/** For links that a thread of a library reads: it may have waited for the processor as well. */
export class ThreadLateness {
  readonly #own: Lateness;
  readonly #runQueue: RunQueue | null;
  #waitedNs: number;

  constructor(own: Lateness, runQueue = linuxRunQueue()) {
    this.#own = own;
    this.#runQueue = runQueue;
    this.#waitedNs = runQueue?.allNs() ?? 0;
  }

  /** As `Lateness.ofRead`; NaN where the system does not tell how long that thread waited. */
  ofRead(nowNs: number): number {
    const lateNs = this.#own.ofRead(nowNs);
    if (!this.#runQueue) return Number.NaN;
    const waitedNs = this.#runQueue.allNs();
    const since = Math.max(0, waitedNs - this.#waitedNs);
    this.#waitedNs = waitedNs;
    return lateNs + since;
  }
}
