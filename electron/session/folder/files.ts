/**
 * The only way into a session folder: opens, creates, renames and removes its files. A session folder may come from an
 * untrusted USB stick, so every path must stay inside, only regular files are accessed, and no link is followed.
 * Changes between check and open are detected by comparing the opened file with the checked one.
 */

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmdirSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fieldroomError } from '../../common/errors.ts';
import { locate, refuseOther, unsafe } from './insidePath.ts';
import { replaceFile } from './replaceFile.ts';
import { syncFolder, writeAt, writeWhole } from './writeWhole.ts';

/** Not available on Windows, where opening never blocks and `locate` has rejected links. */
const SAFELY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** A larger list or report was not written by Fieldroom. */
const WHOLE_AT_MOST_BYTES = 256 * 1024 * 1024;
/** Maximum folder depth; sessions have two levels. */
const DEEPEST = 16;

/** Null: the file does not exist. @throws FieldroomError `store.unsafe-folder` */
export const statInside = (folder: string, file: string): Stats | null => locate(folder, file).stats;

export const existsInside = (folder: string, file: string): boolean => statInside(folder, file) !== null;

/** Size of a file in bytes; 0 if it does not exist. */
export const sizeInside = (folder: string, file: string): number => statInside(folder, file)?.size ?? 0;

/**
 * Opens an existing file. The caller closes it.
 * @param mode `change` also writes; a file with a second name elsewhere (a hard link) is refused then.
 * @throws FieldroomError `store.unsafe-folder`; ENOENT if the file does not exist
 */
export function openInside(folder: string, file: string, mode: 'read' | 'change' = 'read'): number {
  const { path, stats } = locate(folder, file);
  const fd = openSync(path, (mode === 'read' ? constants.O_RDONLY : constants.O_RDWR) | SAFELY);
  try {
    const opened = fstatSync(fd);
    refuseOther(folder, file, opened, 'file');
    if (stats && (stats.ino !== opened.ino || stats.dev !== opened.dev))
      throw unsafe(folder, file, 'was replaced while it was opened');
    if (mode === 'change' && opened.nlink > 1) throw unsafe(folder, file, 'has a second name elsewhere (a hard link)');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Creates a new file for reading and writing; fails if the name exists. The caller closes it. */
export function createInside(folder: string, file: string): number {
  const { path } = locate(folder, file);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | SAFELY, 0o644);
  syncFolder(dirname(path));
  return fd;
}

/** @throws FieldroomError `store.unsafe-folder`, `store.too-large`; ENOENT if the file does not exist */
export function readInside(folder: string, file: string, atMostBytes = WHOLE_AT_MOST_BYTES): Buffer {
  const fd = openInside(folder, file);
  try {
    const { size } = fstatSync(fd);
    if (size > atMostBytes) throw fieldroomError('store.too-large', { path: join(folder, file), bytes: size });
    const bytes = Buffer.alloc(size);
    for (let done = 0; done < size; ) {
      const read = readSync(fd, bytes, done, size - done, done);
      if (read === 0) return bytes.subarray(0, done);
      done += read;
    }
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/** Reads a part of a file. @returns fewer bytes than requested at the end of the file */
export function readPart(folder: string, file: string, from: number, length: number): Uint8Array {
  const fd = openInside(folder, file);
  try {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const read = readSync(fd, bytes, done, length - done, from + done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(fd);
  }
}

/** Bytes [first, last] of a file as a stream, or all of it. */
export function streamInside(folder: string, file: string, range: { first?: number; last?: number } = {}): Readable {
  const fd = openInside(folder, file);
  const { first, last } = range;
  return createReadStream('', {
    fd,
    highWaterMark: 1024 * 1024,
    start: first ?? 0,
    ...(last === undefined ? {} : { end: last }),
  });
}

/** SHA-256 in hexadecimal. */
export async function hashInside(folder: string, file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of streamInside(folder, file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Like `hashInside`, but synchronous, for small files. */
export function hashNow(folder: string, file: string): string {
  const hash = createHash('sha256');
  const fd = openInside(folder, file);
  try {
    const buffer = new Uint8Array(1024 * 1024);
    for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer)) hash.update(buffer.subarray(0, read));
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}

/** Writes a complete file, new or replacing the old one: after a crash one of the two exists, never a part. */
export function writeInside(folder: string, file: string, data: string | Uint8Array): void {
  writeWhole(locate(folder, file).path, data);
}

export function removeInside(folder: string, file: string): void {
  const { path, stats } = locate(folder, file);
  if (stats) rmSync(path);
}

/** Removes an entry of any kind; a link is removed, never its target. For files that Fieldroom created. */
export function removeName(folder: string, name: string): void {
  const path = join(folder, name);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) rmSync(path);
}

/** Renames a file, replacing any existing one. */
export function renameInside(folder: string, from: string, to: string): void {
  const target = locate(folder, to).path;
  replaceFile(locate(folder, from).path, target);
  syncFolder(dirname(target));
  const left = dirname(locate(folder, from).path);
  if (left !== dirname(target)) syncFolder(left);
}

/** Truncates a file, and syncs it. */
export function truncateInside(folder: string, file: string, bytes: number): void {
  const fd = openInside(folder, file, 'change');
  try {
    ftruncateSync(fd, bytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Creates a folder within the session's, with its parents. */
export function makeFolderInside(folder: string, sub: string): void {
  const parts = sub.split('/');
  for (let i = 1; i <= parts.length; i += 1) {
    const { path, stats } = locate(folder, parts.slice(0, i).join('/'), 'folder');
    if (stats) continue;
    mkdirSync(path);
    syncFolder(dirname(path));
  }
}

/** Removes a folder within the session's if it is empty. */
export function removeEmptyFolder(folder: string, sub: string): void {
  const { path, stats } = locate(folder, sub, 'folder');
  if (stats && readdirSync(path).length === 0) rmdirSync(path);
}

/** Copies a file to a new name, synced. */
export function copyInside(folder: string, from: string, to: string): void {
  const source = openInside(folder, from);
  const target = createInside(folder, to);
  try {
    const buffer = Buffer.alloc(4 * 1024 * 1024);
    for (let at = 0; ; ) {
      const read = readSync(source, buffer, 0, buffer.length, at);
      if (read === 0) break;
      writeAt(target, buffer.subarray(0, read), at);
      at += read;
    }
    fsyncSync(target);
  } finally {
    closeSync(source);
    closeSync(target);
  }
}

/**
 * Every file in a folder of the session, with `/`, sorted; `''`: the whole session. @throws FieldroomError
 * `store.unsafe-folder`
 */
export function listInside(folder: string, sub = ''): string[] {
  const found: string[] = [];
  const walk = (at: string, depth: number): void => {
    if (depth > DEEPEST) throw unsafe(folder, at, 'has too many folders in folders');
    const path = at === '' ? folder : locate(folder, at, 'folder').path;
    for (const name of readdirSync(path)) {
      const inner = at === '' ? name : `${at}/${name}`;
      const stats = lstatSync(join(path, name), { throwIfNoEntry: false });
      // Removed since the folder was read, as a write-ahead log may be.
      if (!stats) continue;
      if (stats.isDirectory()) walk(inner, depth + 1);
      else {
        refuseOther(folder, inner, stats, 'file');
        found.push(inner);
      }
    }
  };
  if (sub === '' || locate(folder, sub, 'folder').stats) walk(sub, 0);
  return found.sort();
}

/** @throws FieldroomError `store.unsafe-folder` when anything in the folder is a link, a pipe, a socket or a device */
export function refuseUnsafeFolder(folder: string): void {
  try {
    listInside(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Missing or unreadable folder: opening it reports its own error.
    if (code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}

export { syncFolder, writeAt } from './writeWhole.ts';
