import { readFile } from 'node:fs/promises';
import { fieldroomError } from '../common/errors.ts';
import { type Kit, parseKit } from '../common/kit.ts';

/** Reads a kit from disk. @throws FieldroomError `kit.*`, naming each invalid field by its path */
export async function readKit(path: string): Promise<Kit> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw fieldroomError('kit.unreadable:code', { path, code: cause.code ?? cause.message }, { cause });
  });
  return parseKit(text, path);
}
