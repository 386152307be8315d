/**
 * One growing media file: Matroska blocks in clusters of at most half a second, one immediate write per packet, in
 * order, so that each packet's offset is known and everything written so far can be played.
 */
import { createInside, openInside } from '../folder/files.ts';
import { closeSync, fdatasyncSync, ftruncateSync, writeSync } from '../folder/open.ts';
import { bigEndian, concat, EbmlId, idBytes, sizeBytes, UNKNOWN_SIZE, uintElement } from './ebml.ts';
import { isInPlace, putBack } from './filePlace.ts';
import { TICK_NS } from './mkvHeader.ts';

const CLUSTER_TICKS = 500_000_000 / TICK_NS;
const TRACK = 0x81;
const CLUSTER_ID = idBytes(EbmlId.Cluster);
const BLOCK_ID = idBytes(EbmlId.SimpleBlock);

/** 1 ms: pictures this close have the same time. */
const SAME_TIME_TICKS = 10;

/** Size of the buffer kept for the data between two syncs; a larger one is released. */
const ROOM_BYTES = 256 * 1024;

export class MediaFile {
  /** From the session's folder, with `/`. */
  readonly path: string;
  readonly #folder: string;
  #fd: number;
  readonly #clusterAtKeys: boolean;
  #lastTick = -1;
  #end: number;
  #clusterTick: number | null = null;
  /** All data since the last sync, so that a failed write or sync can be repeated completely. */
  #room = new Uint8Array(ROOM_BYTES);
  #roomUsed = 0;
  /** How much of it was written. */
  #written = 0;

  private constructor(folder: string, path: string, fd: number, end: number, clusterAtKeys: boolean) {
    this.#folder = folder;
    this.path = path;
    this.#fd = fd;
    this.#end = end;
    this.#clusterAtKeys = clusterAtKeys;
  }

  /**
   * Creates a new file; fails if the name exists. @param clusterAtKeys video: a key frame opens a cluster, so that
   * seeking finds it.
   */
  static create(folder: string, path: string, header: Uint8Array, clusterAtKeys: boolean): MediaFile {
    const fd = createInside(folder, path);
    const file = new MediaFile(folder, path, fd, 0, clusterAtKeys);
    file.#put(header);
    return file;
  }

  /** Continues a file after the packet that ends at `end`; later data was never acknowledged and is cut off. */
  static reopen(folder: string, path: string, end: number, clusterAtKeys: boolean): MediaFile {
    const fd = openInside(folder, path, 'change');
    ftruncateSync(fd, end);
    return new MediaFile(folder, path, fd, end, clusterAtKeys);
  }

  get endBytes(): number {
    return this.#end;
  }

  /**
   * Appends one packet. Write errors are ignored here; `sync` retries and reports.
   * @param timeNs the file's own time, at least 0.
   * @returns where the packet's bytes begin in the file.
   */
  append(timeNs: number, key: boolean, data: Uint8Array): number {
    let tick = Math.max(0, Math.round(timeNs / TICK_NS));
    // Players reject two pictures with the same time; the exact times are in the index. Reordered pictures are further
    // apart.
    const behind = this.#lastTick - tick;
    if (this.#clusterAtKeys && behind >= 0 && behind < SAME_TIME_TICKS) tick = this.#lastTick + 1;
    this.#lastTick = tick;
    const from = this.#clusterTick;
    const parts: Uint8Array[] = [];
    if (from === null || tick < from || tick - from >= CLUSTER_TICKS || (key && this.#clusterAtKeys)) {
      parts.push(CLUSTER_ID, UNKNOWN_SIZE, uintElement(EbmlId.Timestamp, tick));
      this.#clusterTick = tick;
    }
    const relative = bigEndian(tick - (this.#clusterTick as number), 2);
    const head = concat([
      ...parts,
      BLOCK_ID,
      sizeBytes(data.byteLength + 4),
      Uint8Array.of(TRACK),
      relative,
      Uint8Array.of(key ? 0x80 : 0),
    ]);
    const offset = this.#end + head.byteLength;
    this.#put(head, data);
    return offset;
  }

  /**
   * All appended data is on the device, under the file's name, when this returns. @throws the disk's error; call it
   * again later.
   * @returns false if the file had been removed or replaced, and was restored
   */
  sync(): boolean {
    if (this.#roomUsed === 0) return true;
    this.#write();
    let inPlace: boolean;
    try {
      fdatasyncSync(this.#fd);
      inPlace = isInPlace(this.#folder, this.path, this.#fd);
      if (!inPlace) this.#fd = putBack(this.#folder, this.path, this.#fd, this.#end);
    } catch (error) {
      // After a failed sync the system may consider the pages clean, so write them again.
      this.#written = 0;
      throw error;
    }
    this.#roomUsed = 0;
    this.#written = 0;
    if (this.#room.byteLength > 8 * ROOM_BYTES) this.#room = new Uint8Array(ROOM_BYTES);
    return inPlace;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #put(...parts: Uint8Array[]): void {
    for (const part of parts) {
      this.#grow(this.#roomUsed + part.byteLength);
      this.#room.set(part, this.#roomUsed);
      this.#roomUsed += part.byteLength;
      this.#end += part.byteLength;
    }
    try {
      this.#write();
    } catch {
      // The next sync retries and reports the error.
    }
  }

  #write(): void {
    const start = this.#end - this.#roomUsed;
    while (this.#written < this.#roomUsed) {
      const written = writeSync(
        this.#fd,
        this.#room,
        this.#written,
        this.#roomUsed - this.#written,
        start + this.#written,
      );
      if (written === 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      this.#written += written;
    }
  }

  #grow(bytes: number): void {
    if (bytes <= this.#room.byteLength) return;
    const larger = new Uint8Array(Math.max(bytes, 2 * this.#room.byteLength));
    larger.set(this.#room.subarray(0, this.#roomUsed));
    this.#room = larger;
  }
}
