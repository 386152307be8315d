/**
 * A log file that cannot fill the disk: lines are appended in the background, and when the file is full it becomes
 * `name.1`, the one before `name.2`, and so on; the oldest is deleted. They use at most `maxBytes * (keep + 1)` on
 * disk.
 *
 * Writing never blocks and never throws: a log must not stop the program. If the disk is too slow, lines are dropped
 * and counted in the log; a write error is reported once through `onError`, and later lines are tried again.
 */
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Longer lines are cut, so that one faulty library cannot push everything else out of the log. */
const maxLineLength = 16_384;
/** Maximum pending text; lines beyond it are counted instead of kept. */
const maxPendingLength = 1_000_000;

export interface RotatingFileOptions {
  /** Size in bytes at which the file is rotated; default 5 MB. */
  maxBytes?: number;
  /** Rotated files to keep; default 3. */
  keep?: number;
  /** Called once for each series of failed writes. */
  onError?: (error: Error) => void;
}

export class RotatingFile {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  readonly #onError: (error: Error) => void;
  #pending: string[] = [];
  #pendingLength = 0;
  #dropped = 0;
  /** Size of the open file; unknown until the first write. */
  #sizeBytes: number | undefined;
  #failing = false;
  #closed = false;
  #drain: Promise<void> | undefined;

  constructor(path: string, options: RotatingFileOptions = {}) {
    this.path = path;
    this.#maxBytes = options.maxBytes ?? 5_000_000;
    this.#keep = options.keep ?? 3;
    this.#onError = options.onError ?? (() => {});
  }

  /** Adds one line; its line break is added here. */
  write(line: string): void {
    if (this.#closed) return;
    if (this.#pendingLength > maxPendingLength) {
      this.#dropped += 1;
      return;
    }
    const text = `${line.length > maxLineLength ? `${line.slice(0, maxLineLength)}…` : line}\n`;
    this.#pending.push(text);
    this.#pendingLength += text.length;
    this.#drain ??= this.#write();
  }

  /** Resolves when all lines so far were accepted or rejected by the operating system. */
  async flush(): Promise<void> {
    await this.#drain;
  }

  /** Writes pending lines and accepts no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#drain;
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const lines = this.#pending;
      this.#pending = [];
      this.#pendingLength = 0;
      if (this.#dropped > 0) lines.push(`(${this.#dropped} lines were not written: the disk was too slow)\n`);
      this.#dropped = 0;
      try {
        for (const chunk of this.#chunks(lines)) await this.#append(chunk);
        this.#failing = false;
      } catch (error) {
        this.#sizeBytes = undefined;
        if (!this.#failing) this.#onError(error instanceof Error ? error : new Error(String(error)));
        this.#failing = true;
      }
    }
    this.#drain = undefined;
  }

  /** Joins lines into pieces that are no larger than a file may be, so that one burst cannot overfill it. */
  #chunks(lines: string[]): string[] {
    const chunks: string[] = [];
    let chunk = '';
    for (const line of lines) {
      if (chunk !== '' && chunk.length + line.length > Math.min(this.#maxBytes / 2, 65_536)) {
        chunks.push(chunk);
        chunk = '';
      }
      chunk += line;
    }
    chunks.push(chunk);
    return chunks;
  }

  async #append(chunk: string): Promise<void> {
    if (this.#sizeBytes === undefined) {
      await mkdir(dirname(this.path), { recursive: true });
      this.#sizeBytes = await stat(this.path).then(
        (found) => found.size,
        () => 0,
      );
    }
    const bytes = Buffer.byteLength(chunk);
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes > this.#maxBytes) await this.#rotate();
    await appendFile(this.path, chunk, { mode: 0o600 });
    this.#sizeBytes += bytes;
  }

  async #rotate(): Promise<void> {
    await rm(`${this.path}.${this.#keep}`, { force: true });
    for (let n = this.#keep; n > 0; n -= 1) {
      await rename(n === 1 ? this.path : `${this.path}.${n - 1}`, `${this.path}.${n}`).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        },
      );
    }
    if (this.#keep === 0) await rm(this.path, { force: true });
    this.#sizeBytes = 0;
  }
}
