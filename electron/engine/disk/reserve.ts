/**
 * A file that keeps room on the disk for the end of a session. It is deleted when the disk is full, so that what waits in
 * memory, the index and the sealing get through; and made again when there is plenty.
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

  /** Bytes that deleting it would give. */
  get heldBytes(): number {
    return statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Makes it in the background where it is missing; a disk that refuses leaves it as it is. */
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

  /** Resolves when nothing is written any more. */
  async settle(): Promise<void> {
    this.#wanted = false;
    await this.#making;
  }

  async #make(): Promise<void> {
    // Random: a file system that packs or shares equal blocks would keep no room with zeros.
    const chunk = randomBytes(CHUNK_BYTES);
    await using file = await open(this.#file, 'w', 0o600);
    for (let written = 0; written < this.#bytes && this.#wanted; )
      written += (await file.write(chunk, 0, Math.min(CHUNK_BYTES, this.#bytes - written))).bytesWritten;
  }
}
