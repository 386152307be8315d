/**
 * A file that reserves disk space for the end of a session. It is deleted when the disk is full, so that pending data,
 * the index and sealing can be written, and created again when there is plenty of space.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const CHUNK_BYTES = 1024 * 1024;

export class Reserve {
  readonly #file: string;
  readonly #bytes: number;
  #making: Promise<void> | null = null;
  #wanted = false;

  constructor(dataFolder: string, bytes: number) {
    this.#file = join(dataFolder, '.fieldroom', 'reserve');
    this.#bytes = bytes;
  }

  /** Bytes that deleting it would free. */
  get heldBytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Creates it in the background if it is missing; write errors are ignored. */
  make(): void {
    this.#wanted = true;
    if (this.heldBytes >= this.#bytes) return;
    this.#making ??= this.#make()
      .catch(() => this.release())
      .finally(() => {
        this.#making = null;
      });
  }

  release(): void {
    this.#wanted = false;
    rmSync(this.#file, { force: true });
  }

  /** Resolves when writing has finished. */
  async settle(): Promise<void> {
    this.#wanted = false;
    await this.#making;
  }

  async #make(): Promise<void> {
    // Random: a file system that packs or shares equal blocks would reserve no space for zeros.
    const chunk = randomBytes(CHUNK_BYTES);
    await using file = await open(this.#file, 'w', 0o600);
    for (let written = 0; written < this.#bytes && this.#wanted; )
      written += (await file.write(chunk, 0, Math.min(CHUNK_BYTES, this.#bytes - written))).bytesWritten;
  }
}
