/**
 * A folder: a memory stick, a mounted network drive. Each file is written under a temporary name, synced part by part,
 * and renamed when complete; then it is read back. The folder itself is never created: if it is missing, the drive is
 * not connected.
 */
import { type BigIntStats, constants, createReadStream, existsSync } from 'node:fs';
import { access, type FileHandle, lstat, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { replaceFile } from '../../session/folder/replaceFile.ts';
import { syncFolder } from '../../session/folder/writeWhole.ts';
import type { Destination, FolderSettings, PartRecord, Proof, RemoteObject, SendJob } from './destination.ts';
import { placeOfFolder } from './destinationNames.ts';
import { requireMarker } from './folderMarker.ts';
import { readBack } from './readBack.ts';
import type { DestinationParts } from './request.ts';
import { diskTrouble, trouble } from './uploadErrors.ts';

const PART_BYTES = 8 * 1024 * 1024;
export const UNFINISHED = '.fieldroom-part';

export class FolderDestination implements Destination {
  readonly settings: FolderSettings;
  readonly place: string;
  readonly #parts: DestinationParts;

  constructor(settings: FolderSettings, parts: DestinationParts) {
    this.settings = settings;
    this.place = placeOfFolder(settings);
    this.#parts = parts;
  }

  send(job: SendJob): Promise<string> {
    return this.#retry(async () => {
      const { object, progress } = job;
      await access(this.settings.path, constants.W_OK);
      const final = this.#at(object.key);
      await this.#makeFolders(object.key);
      const temporary = final + UNFINISHED;
      // Renamed, but the process was killed before recording that.
      if (progress.completing && !existsSync(temporary) && existsSync(final)) return object.key;
      await this.#write(job, temporary);
      // The drive may have been exchanged since the first byte.
      await requireMarker(this.settings);
      progress.markCompleting();
      replaceFile(temporary, final);
      syncFolder(dirname(final));
      return object.key;
    });
  }

  async check(
    object: RemoteObject,
    location: string,
    _parts: readonly PartRecord[],
    _before: Proof | null,
  ): Promise<Proof> {
    return this.#retry(() => readBack(this, object, location));
  }

  async size(location: string): Promise<number | null> {
    const found = await this.#stat(location);
    return found === null ? null : Number(found.size);
  }

  async fingerprint(location: string): Promise<string | null> {
    const found = await this.#stat(location);
    return found && [found.dev, found.ino, found.size, found.mtimeNs].join(' ');
  }

  #stat(location: string): Promise<BigIntStats | null> {
    return this.#retry(async () => {
      await access(this.settings.path);
      return await lstat(this.#at(location), { bigint: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
        throw error;
      });
    });
  }

  async read(location: string): Promise<Readable> {
    if (!existsSync(this.settings.path)) throw trouble('no-folder', this.place);
    await requireMarker(this.settings);
    const file = this.#at(location);
    const found = await lstat(file).catch(() => null);
    if (!found) throw trouble('not-there', this.place, location);
    if (!found.isFile()) throw trouble('not-whole', this.place, `${location} is not a regular file`);
    return createReadStream(file, { highWaterMark: 1024 * 1024 });
  }

  locationOf(key: string): string {
    return key;
  }

  async remove(location: string): Promise<void> {
    await requireMarker(this.settings);
    await rm(this.#at(location), { force: true });
  }

  close(): void {}

  async #write({ object, content, progress }: SendJob, temporary: string): Promise<void> {
    const partBytes = progress.partBytes ?? this.settings.partBytes ?? PART_BYTES;
    const done = confirmedBytes(progress.parts());
    const there = await stat(temporary).catch(() => null);
    if (progress.serverId === null || !there || there.size < done) progress.begun(temporary, partBytes);
    const start = confirmedBytes(progress.parts());
    const file = await open(temporary, start > 0 ? 'r+' : 'w');
    try {
      await file.truncate(start);
      for (let at = start; at < object.bytes; at += partBytes) {
        const end = Math.min(at + partBytes, object.bytes);
        const slot = await this.#parts.limiter.enter(end - at);
        try {
          const { data, sha256 } = await content.slice(at, end, slot.memory);
          await this.#put(file, data, at);
          progress.confirmed({ number: Math.floor(at / partBytes) + 1, bytes: end - at, sha256, tag: '' });
        } finally {
          slot.leave();
        }
      }
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #put(file: FileHandle, data: Buffer, at: number): Promise<void> {
    const { limiter } = this.#parts;
    let position = at;
    for await (const slice of limiter.stream(data)) {
      await file.write(slice as Buffer, 0, (slice as Buffer).length, position);
      position += (slice as Buffer).length;
    }
    await file.datasync();
  }

  /** One level at a time: on some file systems that reject a name, `recursive` never returns. */
  async #makeFolders(key: string): Promise<void> {
    const parts = key.split('/').slice(0, -1);
    for (let depth = 1; depth <= parts.length; depth += 1)
      await mkdir(this.#at(parts.slice(0, depth).join('/'))).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return;
        // Its parent exists, so the file system rejects the name.
        if (error.code === 'ENOENT' || error.code === 'EINVAL' || error.code === 'ENAMETOOLONG')
          throw trouble('name-refused', this.place, parts.slice(0, depth).join('/'), { cause: error });
        throw error;
      });
  }

  #at(key: string): string {
    const parts = key.split('/');
    if (parts.includes('..')) throw trouble('refused', this.place, key);
    return join(resolve(this.settings.path), ...parts);
  }

  #retry<T>(work: () => Promise<T>): Promise<T> {
    const { retrier, limiter } = this.#parts;
    return retrier.retry(async () => {
      await limiter.open();
      try {
        if (existsSync(this.settings.path)) await requireMarker(this.settings);
        return await work();
      } catch (error) {
        throw diskTrouble(error, this.place);
      }
    });
  }
}

/** Parts are written in order; progress ends at the first missing one. */
function confirmedBytes(parts: readonly PartRecord[]): number {
  let bytes = 0;
  for (const [i, part] of parts.entries()) {
    if (part.number !== i + 1) break;
    bytes += part.bytes;
  }
  return bytes;
}
