/** One run of programs under Wine: the root folder stays unchanged, and every process ends with the run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { windowsBridge, windowsLivekit, windowsPackages, wineEnvironment, wineRoot } from '../../native/wine.mjs';

const CLONE = join(import.meta.dirname, '../..');

/** Positional: root, work, clone, packages, livekit, bridge, out; then the command. `overlay`: writes go into `work`. */
const ENTER = `
root=$1 work=$2 clone=$3 packages=$4 livekit=$5 bridge=$6 out=$7; shift 7
over() { mkdir -p "$work/$3-up" "$work/$3-work"; mount -t overlay overlay -o "lowerdir=$1,upperdir=$work/$3-up,workdir=$work/$3-work" "$2"; }
mkdir -p "$work/root"
over "$root" "$work/root" root
mkdir -p "$work/root/fieldroom" "$work/root/livekit" "$work/root/bridge" "$work/root/out"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mount --bind "$clone" "$work/root/fieldroom"
mount -o remount,bind,ro "$work/root/fieldroom"
over "$packages" "$work/root/fieldroom/node_modules" packages
mount --bind "$livekit" "$work/root/livekit"
mount --bind "$bridge" "$work/root/bridge"
mount --bind "$out" "$work/root/out"
exec chroot "$work/root" "$@"
`;

export interface Wine extends Disposable {
  /** Runs a shell command in the root, in the clone; its output goes to `/out` or is discarded. @returns the exit code */
  run(line: string, env?: Record<string, string>): Promise<number | null>;
  /** The folder that is mounted as `/out`, `Z:\out` for Windows. */
  out: string;
}

export function openWine(): Wine {
  const work = mkdtempSync(join(tmpdir(), 'fieldroom-wine-'));
  const out = join(work, 'out');
  mkdirSync(out);
  const running = new Set<ChildProcess>();
  const end = (): void => {
    for (const child of running) child.kill('SIGKILL');
  };
  process.once('exit', end);
  return {
    out,
    run: (line, env = {}) =>
      new Promise((done, fail) => {
        const folders = [
          wineRoot(),
          work,
          CLONE,
          join(windowsPackages(), 'node_modules'),
          join(windowsLivekit(), '..'),
          join(windowsBridge(), '..'),
          out,
        ];
        const words = [
          '--mount',
          '--pid',
          '--fork',
          '--kill-child',
          '--propagation',
          'private',
          'sh',
          '-ec',
          ENTER,
          'sh',
        ];
        const child = spawn('unshare', [...words, ...folders, 'sh', '-c', `cd /fieldroom; ${line}`], {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...wineEnvironment, ...env },
        });
        running.add(child);
        child.once('error', fail);
        child.once('exit', (code) => {
          running.delete(child);
          done(code);
        });
      }),
    [Symbol.dispose]() {
      end();
      process.off('exit', end);
      rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
