import { readFile } from 'node:fs/promises';
import { FieldroomError } from '../common/errors.ts';
import { type Kit, parseKit } from '../common/kit.ts';

/** Reads a kit from disk. @throws FieldroomError `kit.*`, each fault named with its place */
export async function readKit(path: string): Promise<Kit> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FieldroomError('kit.unreadable', `The kit ${path} cannot be read (${cause.code ?? cause.message}).`, {
      nextStep: 'Check the path.',
      cause,
    });
  });
  return parseKit(text, path);
}
