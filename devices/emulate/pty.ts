/**
 * A pseudo terminal: a serial port without a cable. Node cannot create one, so a helper of the system does: socat, or
 * else python3. If neither is available (Windows), emulators run in process instead. Tests and emulators only.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { realpath, rm } from 'node:fs/promises';
import { type FieldroomError, fieldroomError } from '../../electron/common/errors.ts';

/** The device's end of the wire. */
export interface PtyEnd {
  /** The end that the host opens. */
  readonly path: string;
  onData: ((bytes: Uint8Array) => void) | null;
  /** Data that nobody reads is lost, as on a real wire; returns false in that case. */
  write(bytes: Uint8Array): boolean;
  /** Unplugs the cable: an open port at the other end fails. */
  close(): Promise<void>;
}

// Raw mode on both ends: no echo, no translation of line ends. The link is removed when the helper ends.
const PYTHON = `
import os, sys, tty, select
m, s = os.openpty()
tty.setraw(s); tty.setraw(m)
os.symlink(os.ttyname(s), sys.argv[1])
try:
    while True:
        for f in select.select([0, m], [], [])[0]:
            d = os.read(f, 65536)
            if f == 0 and not d: raise SystemExit
            o = m if f == 0 else 1
            while d: d = d[os.write(o, d):]
finally:
    os.unlink(sys.argv[1])
`;

const helpers = (path: string): [string, string[]][] => [
  ['socat', ['-b', '65536', 'STDIO', `PTY,raw,echo=0,link=${path}`]],
  ['python3', ['-c', PYTHON, path]],
];
/** Bytes that may wait for a helper before they count as lost. */
const WAITING_LIMIT = 256 * 1024;
const READY_MS = 5_000;

/** @throws FieldroomError `emulate.no-pty` */
export async function openPty(path: string): Promise<PtyEnd> {
  if (process.platform === 'win32') throw noPty('Windows has no pseudo terminals');
  const tried: string[] = [];
  for (const [command, args] of helpers(path)) {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    try {
      return await settle(child, path);
    } catch (error) {
      child.kill('SIGKILL');
      tried.push(`${command}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw noPty(tried.join('; '));
}

async function settle(child: ChildProcess, path: string): Promise<PtyEnd> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('no pipes');
  let failure: string | null = null;
  let words = '';
  stderr.on('data', (text: Buffer) => {
    words = `${words}${text}`.slice(-500);
  });
  child.once('error', (error) => {
    failure = error.message;
  });
  child.once('exit', (code) => {
    failure ??= words.trim() || `ended with ${code}`;
  });
  stdin.on('error', () => undefined);
  const deadline = performance.now() + READY_MS;
  let device = '';
  while (device === '') {
    if (failure !== null) throw new Error(failure);
    if (performance.now() > deadline) throw new Error('no pseudo terminal within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
    device = await realpath(path).catch(() => '');
  }
  // While this end keeps one descriptor open, the helper survives when a host closes its port.
  const held = openSync(device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const end: PtyEnd = {
    path,
    onData: null,
    write: (bytes) => {
      if (stdin.writableLength > WAITING_LIMIT || stdin.destroyed) return false;
      stdin.write(bytes);
      return true;
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      await rm(path, { force: true });
    },
  };
  child.once('exit', () => closeSync(held));
  stdout.on('data', (bytes: Buffer) => end.onData?.(bytes));
  return end;
}

const noPty = (why: string): FieldroomError => fieldroomError('emulate.no-pty', { why });
