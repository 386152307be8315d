/** How busy this computer's processor is, all programs together, over the last seconds. */
import { availableParallelism, type CpuInfo, cpus } from 'node:os';

const WINDOW_MS = 10_000;
const STEP_MS = 900;

interface Point {
  atMs: number;
  busyMs: number;
  allMs: number;
}

export class ProcessorMonitor {
  readonly #read: () => CpuInfo[];
  #points: Point[] = [];

  /** @param read for tests */
  constructor(read: () => CpuInfo[] = cpus) {
    this.#read = read;
  }

  /** `busy`: share of all cores, 0 to 1; null: not measured yet, or not reported by the system. */
  look(nowMs: number): { cores: number; busy: number | null } {
    const last = this.#points.at(-1);
    if (!last || nowMs - last.atMs >= STEP_MS) this.#points.push({ atMs: nowMs, ...sums(this.#read()) });
    while (this.#points.length > 2 && nowMs - (this.#points[1] as Point).atMs >= WINDOW_MS) this.#points.shift();
    const [from, to] = [this.#points[0] as Point, this.#points.at(-1) as Point];
    const allMs = to.allMs - from.allMs;
    return {
      cores: availableParallelism(),
      busy: allMs > 0 ? Math.min(1, Math.max(0, (to.busyMs - from.busyMs) / allMs)) : null,
    };
  }
}

function sums(cores: readonly CpuInfo[]): { busyMs: number; allMs: number } {
  let [busyMs, allMs] = [0, 0];
  for (const { times } of cores) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq;
    allMs += all;
    busyMs += all - times.idle;
  }
  return { busyMs, allMs };
}
