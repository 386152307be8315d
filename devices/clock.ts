/** The device host's clock: monotonic, in whole nanoseconds since the first call in this process. */
import { randomUUID } from 'node:crypto';

export interface HostClock {
  now(): number;
  /** Changes each time the process starts. */
  epoch: string;
  resolutionNs: number;
}

export function hostClock(): HostClock {
  const zero = process.hrtime();
  const now = (): number => {
    const [seconds, nanoseconds] = process.hrtime(zero);
    return seconds * 1e9 + nanoseconds;
  };
  return { now, epoch: randomUUID(), resolutionNs: smallestStep(now) };
}

function smallestStep(now: () => number): number {
  let smallest = 1e6;
  for (let i = 0; i < 200; i += 1) {
    const a = now();
    let b = now();
    while (b === a) b = now();
    smallest = Math.min(smallest, b - a);
  }
  return smallest;
}
