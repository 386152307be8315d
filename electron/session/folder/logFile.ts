/**
 * A file that grows by small synced writes. Space is allocated ahead, so that a sync rarely has to write the file's
 * size too.
 */
import { createInside, existsInside, openInside, writeAt } from './files.ts';
import { closeSync, fdatasyncSync, ftruncateSync } from './open.ts';

/** Allocation step of a long file; a short one doubles. */
const ROOM_BYTES = 256 * 1024;

export class LogFile {
  readonly #fd: number;
  #end: number;
  #roomEnd: number;

  private constructor(fd: number, end: number) {
    this.#fd = fd;
    this.#end = end;
    this.#roomEnd = end;
  }

  /** Opens or creates it; data after `endBytes` is removed. */
  static open(folder: string, file: string, endBytes: number): LogFile {
    const fd = existsInside(folder, file) ? openInside(folder, file, 'change') : createInside(folder, file);
    ftruncateSync(fd, endBytes);
    return new LogFile(fd, endBytes);
  }

  /** On the device when it returns. @throws the disk's error; then nothing was appended */
  append(bytes: Uint8Array): void {
    if (this.#end + bytes.byteLength > this.#roomEnd) this.#makeRoom(bytes.byteLength);
    writeAt(this.#fd, bytes, this.#end);
    fdatasyncSync(this.#fd);
    this.#end += bytes.byteLength;
  }

  /** Releases the allocated space. */
  close(): void {
    try {
      ftruncateSync(this.#fd, this.#end);
    } finally {
      closeSync(this.#fd);
    }
  }

  #makeRoom(bytes: number): void {
    const roomEnd = this.#end + bytes + Math.min(ROOM_BYTES, this.#end);
    writeAt(this.#fd, new Uint8Array(roomEnd - this.#end), this.#end);
    this.#roomEnd = roomEnd;
  }
}
