/**
 * How long before a read its bytes may already have arrived. A thread that waits for its ports sees each byte
 * immediately; bytes wait only while the thread works, or while it is runnable but the system runs other threads:
 *
 *   waits for ports │ could run, others do │ works: other callbacks, then this one
 *                   ▲ bytes arrive                                     ▲ read
 *
 * So they are at most as old as the work since the last wait, plus the time in the run queue, which Linux counts for
 * each thread (`/proc/self/task/TID/schedstat`, second number, nanoseconds; Documentation/scheduler/sched-stats.rst).
 * On other systems, a timer checks every few milliseconds: bytes that are read now had not arrived at the second newest
 * check. Time spent in a wire, a chip and the kernel before a port is readable is not included: it cannot be measured
 * here.
 */
import { openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

/** Nanoseconds since the process started that one of its threads, or all of them, were runnable but not running. */
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
      // The thread has ended in the meantime.
    }
  return sum;
}

const waitedNs = (text: string): number => Number(text.split(' ')[1] ?? Number.NaN);

/** Nanoseconds that this thread's event loop has been idle. */
const idleNs = (): number => performance.eventLoopUtilization().idle * 1e6;

const LOOK_MS = 2;

export interface LatenessOptions {
  now: () => number;
  /** Null: the system does not count it. */
  runQueue?: RunQueue | null;
  idleNs?: () => number;
}

/** One per thread that reads ports. */
export class Lateness {
  readonly #now: () => number;
  readonly #runQueue: RunQueue | null;
  readonly #idleNs: () => number;
  #last: { atNs: number; idleNs: number; waitedNs: number; lateNs: number };
  /** Times of the last two checks, if no run queue is counted. */
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

  /** The timer's check. */
  look(): void {
    this.#looks = [this.#looks[1], this.#now()];
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  /**
   * Call right after a read. @param nowNs when it was stamped
   * @returns nanoseconds by which its bytes may have arrived earlier
   */
  ofRead(nowNs: number): number {
    if (!this.#runQueue) return Math.max(0, nowNs - this.#looks[0]);
    const before = this.#last;
    const idle = this.#idleNs();
    const waitedNs = this.#runQueue.mainNs();
    const passedNs = nowNs - before.atNs;
    const restedNs = idle - before.idleNs;
    // Without a pause in between, the ports were not necessarily checked again.
    const lateNs =
      restedNs > 0
        ? Math.max(0, passedNs - restedNs) + Math.max(0, waitedNs - before.waitedNs)
        : before.lateNs + Math.max(0, passedNs);
    this.#last = { atNs: nowNs, idleNs: idle, waitedNs, lateNs };
    return lateNs;
  }
}

/** For links read by a library's thread, which may have waited for the processor as well. */
export class ThreadLateness {
  readonly #own: Lateness;
  readonly #runQueue: RunQueue | null;
  #waitedNs: number;

  constructor(own: Lateness, runQueue = linuxRunQueue()) {
    this.#own = own;
    this.#runQueue = runQueue;
    this.#waitedNs = runQueue?.allNs() ?? 0;
  }

  /** Like `Lateness.ofRead`; NaN if the system does not report how long that thread waited. */
  ofRead(nowNs: number): number {
    const lateNs = this.#own.ofRead(nowNs);
    if (!this.#runQueue) return Number.NaN;
    const waitedNs = this.#runQueue.allNs();
    const since = Math.max(0, waitedNs - this.#waitedNs);
    this.#waitedNs = waitedNs;
    return lateNs + since;
  }
}
