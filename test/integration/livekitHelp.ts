/** Shared by the tests of the embedded LiveKit server: the real program, its sockets, a plain client's signalling. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JoinResponse, type SignalRequest, SignalResponse } from '@livekit/protocol';
import WebSocket from 'ws';

/** The real server: from the environment, as in production, or from the per-user cache that set-up fills. */
export function realServer(): string {
  const cached = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'fieldroom',
    `livekit-server-1.13.5-${process.platform}-${process.arch}`,
    'livekit-server',
  );
  const path = process.env.FIELDROOM_LIVEKIT_SERVER ?? cached;
  if (!existsSync(path))
    throw new Error(`These tests need the real livekit-server, not found at ${path}: run the set-up first.`);
  return path;
}

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'fieldroom-livekit-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A client of the signalling protocol only: no code of ours and no media. */
export class SignalClient {
  readonly join: JoinResponse;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, joined: JoinResponse) {
    this.#socket = socket;
    this.join = joined;
  }

  static async connect(url: string, token: string): Promise<SignalClient> {
    const socket = new WebSocket(`${url}/rtc?access_token=${token}&protocol=16&auto_subscribe=1&sdk=js&version=2.23.0`);
    socket.binaryType = 'nodebuffer';
    const joined = await new Promise<JoinResponse>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('unexpected-response', (_request, response) =>
        reject(new Error(`refused with HTTP ${response.statusCode}`)),
      );
      socket.on('message', (data: Buffer) => {
        const { message } = SignalResponse.fromBinary(new Uint8Array(data));
        if (message.case === 'join') resolve(message.value);
      });
    });
    socket.on('error', () => {});
    return new SignalClient(socket, joined);
  }

  send(request: SignalRequest): void {
    this.#socket.send(request.toBinary());
  }

  close(): void {
    this.#socket.terminate();
  }
}

export function isAlive(pid: number): boolean {
  try {
    // A zombie has no sockets any more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until `condition` is true; after `timeoutMs` throws an error that names what was waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 5000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`timed out after ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
