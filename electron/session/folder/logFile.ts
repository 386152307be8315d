/** A file that grows by small synced writes: room is kept ahead, so that a sync rarely has to write the file's size as well. */
import { createInside, existsInside, openInside, writeAt } from './files.ts';
import { closeSync, fdatasyncSync, ftruncateSync } from './open.ts';

/** Of a file that grows for long; a short one keeps as much as it holds. */
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

  /** Opens or makes it; what is behind `endBytes` goes. */
  static open(folder: string, file: string, endBytes: number): LogFile {
    const fd = existsInside(folder, file) ? openInside(folder, file, 'change') : createInside(folder, file);
    ftruncateSync(fd, endBytes);
    return new LogFile(fd, endBytes);
  }

  /** On the device when it returns. @throws what the disk said; then nothing was appended */
  append(bytes: Uint8Array): void {
    if (this.#end + bytes.byteLength > this.#roomEnd) this.#makeRoom(bytes.byteLength);
    writeAt(this.#fd, bytes, this.#end);
    fdatasyncSync(this.#fd);
    this.#end += bytes.byteLength;
  }

  /** Gives the room back. */
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
