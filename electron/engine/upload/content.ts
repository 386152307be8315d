/**
 * Reads files for upload and hashes them again while reading. The last bytes of a file are returned only if the whole
 * file matches the manifest, so a file that changed or was corrupted on disk is never completed at a destination.
 */
import { createHash, type Hash, hash as hashOnce, webcrypto } from 'node:crypto';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { openInside } from '../../session/folder/files.ts';
import { closeSync, fstatSync, readAt } from '../../session/folder/open.ts';

export interface Slice {
  data: Buffer;
  /** Hexadecimal, of `data`. */
  sha256: string;
}

export interface Content {
  readonly bytes: number;
  /**
   * Bytes [start, end); slices are requested in ascending order, or again from an earlier start.
   * @param memory at least as long as the slice, whose `data` may point into it
   * @throws FieldroomError `upload.file-changed`
   */
  slice(start: number, end: number, memory: Buffer): Promise<Slice>;
  close(): Promise<void>;
}

const { subtle } = webcrypto;
const WORTH_A_THREAD_BYTES = 1024 * 1024;

export class FileContent implements Content {
  readonly bytes: number;
  readonly #folder: string;
  readonly #path: string;
  readonly #sha256: string;
  #file: number | null = null;
  #hash: Hash = createHash('sha256');
  /** Everything before this offset is in the hash. */
  #hashed = 0;
  /** The hash before the last slice, so that an interrupted slice resumes from here, not from the start. */
  #before = { hash: createHash('sha256'), at: 0 };

  /** @param path from the session's folder, with `/` */
  constructor(folder: string, path: string, bytes: number, sha256: string) {
    this.#folder = folder;
    this.#path = path;
    this.bytes = bytes;
    this.#sha256 = sha256;
  }

  async slice(start: number, end: number, memory: Buffer): Promise<Slice> {
    if (start < this.#hashed) {
      const near = start >= this.#before.at;
      this.#hash = near ? this.#before.hash.copy() : createHash('sha256');
      this.#hashed = near ? this.#before.at : 0;
    }
    while (this.#hashed < start) {
      const skipped = await this.#read(this.#hashed, Math.min(start, this.#hashed + memory.length), memory);
      this.#hash.update(skipped);
      this.#hashed += skipped.length;
    }
    const data = await this.#read(start, end, memory);
    const hashing = sha256Of(data);
    const whole = start === 0 && end === this.bytes;
    if (!whole) {
      this.#before = { hash: this.#hash.copy(), at: start };
      this.#hash.update(data);
    }
    this.#hashed = end;
    const sha256 = await hashing;
    if (end === this.bytes && (whole ? sha256 : this.#hash.copy().digest('hex')) !== this.#sha256)
      throw this.#changed();
    return { data, sha256 };
  }

  async close(): Promise<void> {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  async #read(start: number, end: number, memory: Buffer): Promise<Buffer> {
    const data = memory.subarray(0, end - start);
    try {
      this.#file ??= openInside(this.#folder, this.#path);
      if (start === 0 && fstatSync(this.#file).size !== this.bytes) throw this.#changed();
      let done = 0;
      while (done < data.length) {
        const bytesRead = await readAt(this.#file, data.subarray(done), start + done);
        if (bytesRead === 0) throw this.#changed();
        done += bytesRead;
      }
      return data;
    } catch (cause) {
      if (cause instanceof FieldroomError) throw cause;
      throw fieldroomError(
        'upload.file-unreadable',
        { path: this.#path, cause: codeOf(cause) },
        { data: { path: this.#path }, cause },
      );
    }
  }

  #changed(): FieldroomError {
    return fieldroomError('upload.file-changed', { path: this.#path }, { data: { path: this.#path } });
  }
}

/** A few bytes from memory: the receipt. */
export class MemoryContent implements Content {
  readonly bytes: number;
  readonly #data: Buffer;

  constructor(data: Buffer) {
    this.#data = data;
    this.bytes = data.length;
  }

  async slice(start: number, end: number): Promise<Slice> {
    const data = this.#data.subarray(start, end);
    return { data, sha256: hashOnce('sha256', data, 'hex') };
  }

  async close(): Promise<void> {}
}

/** Large slices are hashed by another thread, while this one updates the file's hash and sends other parts. */
async function sha256Of(data: Buffer): Promise<string> {
  if (data.length < WORTH_A_THREAD_BYTES) return hashOnce('sha256', data, 'hex');
  return Buffer.from(await subtle.digest('SHA-256', data)).toString('hex');
}

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause);
