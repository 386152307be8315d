/**
 * rclone as a child process: it reaches SFTP, WebDAV, Nextcloud, OneDrive and some sixty more, and serves one remote as S3 on
 * loopback (https://rclone.org/commands/rclone_serve_s3/). Keys of the remote stay in rclone's own configuration.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import { freePort, tcpIsFree } from '../freePort.ts';
import type { RcloneSettings } from './destination.ts';

/** The one bucket that the child serves. */
export const BUCKET = 'fieldroom';
const READY_WITHIN_MS = 60_000;
const RESTART_AFTER_MS = 1000;
const KEPT_LINES = 3;

export class RcloneServer {
  readonly #settings: RcloneSettings;
  readonly #program: string;
  readonly #port: number;
  readonly keys = { accessKeyId: randomBytes(12).toString('hex'), secretAccessKey: randomBytes(24).toString('hex') };
  #child: ChildProcess | null = null;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(settings: RcloneSettings, program: string, port: number) {
    this.#settings = settings;
    this.#program = program;
    this.#port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** @throws FieldroomError `upload.no-rclone`, `upload.rclone-failed` with rclone's message */
  static async start(settings: RcloneSettings): Promise<RcloneServer> {
    const program = settings.program ?? findRclone();
    if (program === null) throw fieldroomError('upload.no-rclone');
    const server = new RcloneServer(
      settings,
      program,
      await freePort(new Set(), (port) => tcpIsFree(port, '127.0.0.1')),
    );
    try {
      await server.#start();
      return server;
    } catch (error) {
      server.close();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#restart);
    this.#child?.kill();
  }

  /**
   * Resolves when it is ready. If it ends later, it is restarted on the same port, so that retried requests find it.
   */
  #start(): Promise<void> {
    const { remote } = this.#settings;
    const args = ['serve', 's3', 'fieldroomserve:', '--addr', `127.0.0.1:${this.#port}`];
    const child = spawn(this.#program, [...args, '--dir-cache-time', '1s', '--log-level', 'NOTICE'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
      env: {
        ...process.env,
        // The remote becomes a bucket: `serve s3` treats top-level folders as buckets.
        RCLONE_CONFIG_FIELDROOMSERVE_TYPE: 'combine',
        RCLONE_CONFIG_FIELDROOMSERVE_UPSTREAMS: `"${BUCKET}=${remote}"`,
        // In the environment, not on the command line, which other users can read.
        RCLONE_AUTH_KEY: `"${this.keys.accessKeyId},${this.keys.secretAccessKey}"`,
      },
    });
    this.#child = child;
    const said: string[] = [];
    return new Promise((resolve, reject) => {
      const failed = (cause?: unknown): FieldroomError =>
        fieldroomError(
          'upload.rclone-failed',
          { remote, said: said.join(' ') || String(cause ?? 'it ended') },
          { cause },
        );
      const late = setTimeout(() => reject(failed('it does not answer')), READY_WITHIN_MS);
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (/Starting s3 server on/.test(line)) resolve();
        said.push(line.replace(/^\S+ \S+ (\w+ ?: )?/, ''));
        if (said.length > KEPT_LINES) said.shift();
      });
      child.on('error', (error) => reject(failed(error)));
      child.on('close', () => {
        clearTimeout(late);
        reject(failed());
        if (this.#closed || child !== this.#child) return;
        this.#restart = setTimeout(() => void this.#start().catch(() => undefined), RESTART_AFTER_MS);
      });
    });
  }
}

/** The installed rclone; null: none. */
function findRclone(env: Readonly<Record<string, string | undefined>> = process.env): string | null {
  if (env.FIELDROOM_RCLONE) return env.FIELDROOM_RCLONE;
  const name = process.platform === 'win32' ? 'rclone.exe' : 'rclone';
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}
