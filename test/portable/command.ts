/** The command line as real processes, on every system: where SIGTERM does not exist it is ended through the door. */
import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DoorClient } from '../../electron/common/doorClient.ts';

const CLI = fileURLToPath(new URL('../../electron/cli/cli.entry.ts', import.meta.url));

export interface CommandEnd {
  code: number | null;
  /** Parsed standard output: one object per line that is JSON. */
  lines: Record<string, unknown>[];
  stderr: string;
}

function start(args: readonly string[]): { child: ChildProcess; lines: Record<string, unknown>[]; said: string[] } {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  const lines: Record<string, unknown>[] = [];
  const said: string[] = [];
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.startsWith('{')) lines.push(JSON.parse(line) as Record<string, unknown>);
    });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  return { child, lines, said };
}

/** Runs a command to its end. */
export async function command(...args: string[]): Promise<CommandEnd> {
  const { child, lines, said } = start(args);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  return { code, lines, stderr: said.join('') };
}

export interface Served {
  door: DoorClient;
  pid: number;
  /** Kills it, like a crash. */
  kill(): Promise<void>;
  /** Ends it cleanly. @returns its exit code */
  shutdown(): Promise<number | null>;
}

/** `fieldroom serve` on a data folder; resolves when its door is open. */
export async function serve(dataFolder: string): Promise<Served> {
  const { child, lines, said } = start(['serve', '--data', dataFolder, '--json']);
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const ready = await new Promise<{ url: string; token: string }>((done, fail) => {
    const look = setInterval(() => {
      const line = lines.find(({ type }) => type === 'ready');
      if (line) {
        clearInterval(look);
        done(line as { url: string; token: string });
      }
    }, 50);
    void ended.then((code) => {
      clearInterval(look);
      fail(new Error(`serve ended with ${code}:\n${said.join('')}`));
    });
  });
  const door = new DoorClient(ready, fetch);
  return {
    door,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    shutdown: async () => {
      await door.call('appliance.shutdown', {});
      return ended;
    },
  };
}
