/** Local paths of files in a session folder, checked to stay inside and not to follow links. */
import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';

/** The kinds of entry allowed at the end of a path. */
export type Expected = 'file' | 'folder';

export interface Inside {
  /** Absolute, or relative like the folder. */
  path: string;
  /** Null: it does not exist yet. */
  stats: Stats | null;
}

/** The error for a session with an entry that must not be accessed. `what` names it and the reason. */
export function unsafe(folder: string, file: string, what: string): FieldroomError {
  return fieldroomError('store.unsafe-folder', { folder, file: show(file), what });
}

/** Control characters in an untrusted name must not reach a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what is replaced
const show = (file: string): string => file.replace(/[\u0000-\u001f\u007f]/g, '\u{fffd}');

/**
 * @param file from the session's folder, with `/`
 * @throws FieldroomError `store.unsafe-folder` if the path leaves the folder, follows a link, or is of another kind
 */
export function locate(folder: string, file: string, expected: Expected = 'file'): Inside {
  const parts = file.split('/');
  if (parts.some(isEscape)) throw unsafe(folder, file, 'leads out of the session folder');
  let path = folder;
  for (const [i, part] of parts.entries()) {
    path = join(path, part);
    const stats = lstat(path);
    if (!stats) return { path: join(folder, ...parts), stats: null };
    const here = parts.slice(0, i + 1).join('/');
    const wanted = i < parts.length - 1 ? 'folder' : expected;
    refuseOther(folder, here, stats, wanted);
    if (i === parts.length - 1) return { path, stats };
  }
  return { path, stats: null };
}

/** @throws FieldroomError `store.unsafe-folder` */
export function refuseOther(folder: string, file: string, stats: Stats, wanted: Expected): void {
  if (stats.isSymbolicLink()) throw unsafe(folder, file, 'is a link');
  if (wanted === 'file' ? stats.isFile() : stats.isDirectory()) return;
  if (stats.isFile()) throw unsafe(folder, file, 'is a file where a folder must be');
  if (stats.isDirectory()) throw unsafe(folder, file, 'is a folder where a file must be');
  throw unsafe(folder, file, 'is a pipe, socket or device, not a file');
}

/** Path parts that leave the folder, or have a special meaning on some system (a drive, an alternate data stream). */
const isEscape = (part: string): boolean =>
  part === '' ||
  part === '.' ||
  part === '..' ||
  part.includes('\\') ||
  part.includes('\0') ||
  (process.platform === 'win32' && part.includes(':'));

function lstat(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw cause;
  }
}
