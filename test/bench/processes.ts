/** CPU time and memory of a process tree, from /proc (Linux only). */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc: 100 on every Linux that Electron runs on. */
const TICKS = 100;

export interface ProcessSample {
  pid: number;
  name: string;
  /** CPU seconds since the process started, user and system, all threads. */
  cpuSeconds: number;
  /** Proportional set size, bytes: shared pages are counted once per tree. */
  pssBytes: number;
}

/** The process `root` and its descendants, named by their role in the appliance. */
export function processTree(root: number): ProcessSample[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = pid > 0 ? statOf(pid) : null;
    if (stat) parents.set(pid, stat.parent);
  }
  const below = (pid: number): boolean => pid === root || (parents.has(pid) && below(parents.get(pid) as number));
  return [...parents.keys()].filter(below).flatMap((pid) => {
    const stat = statOf(pid);
    return stat ? [{ pid, name: nameOf(pid), cpuSeconds: stat.cpuSeconds, pssBytes: pssOf(pid) }] : [];
  });
}

/** Sum of a value by process name. */
export function sumBy(
  samples: readonly ProcessSample[],
  value: (sample: ProcessSample) => number,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const sample of samples) sums.set(sample.name, (sums.get(sample.name) ?? 0) + value(sample));
  return sums;
}

/** Processor seconds per second between two snapshots, by process name. */
export function coresOf(
  before: readonly ProcessSample[],
  after: readonly ProcessSample[],
  seconds: number,
): Map<string, number> {
  const start = new Map(before.map(({ pid, cpuSeconds }) => [pid, cpuSeconds]));
  return sumBy(after, ({ pid, cpuSeconds }) => (cpuSeconds - (start.get(pid) ?? 0)) / seconds);
}

function statOf(pid: number): { parent: number; cpuSeconds: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in parentheses and may itself contain spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return null;
  }
}

function pssOf(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const ROLES: readonly [RegExp, string][] = [
  [/livekitGuard/, 'livekit guard'],
  [/livekit-server/, 'livekit-server'],
  [/fieldroom-bridge/, 'bridge'],
  [/deviceHost\.entry/, 'device host'],
  [/engine\.entry/, 'engine'],
  [/--type=gpu-process/, 'gpu'],
  [/--type=renderer/, 'renderer'],
  [/utility-sub-type=video_capture/, 'video capture'],
  [/utility-sub-type=audio/, 'audio service'],
  [/utility-sub-type=network/, 'network service'],
  [/--type=utility/, 'utility'],
  [/--type=/, 'chromium helper'],
];

function nameOf(pid: number): string {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return ROLES.find(([pattern]) => pattern.test(command))?.[1] ?? 'main';
  } catch {
    return 'gone';
  }
}
