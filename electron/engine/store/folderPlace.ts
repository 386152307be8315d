/** A session folder that is moved or deleted while it is recorded takes data that nobody finds again: noticed at each commit. */
import { statInside } from '../../session/folder/files.ts';
import { INDEX } from '../../session/format/names.ts';

/** What tells one file from another on this machine. */
export interface Place {
  dev: number;
  ino: number;
}

export const placeOf = (folder: string): Place => {
  const stats = statInside(folder, INDEX);
  if (!stats) throw gone(folder);
  return { dev: stats.dev, ino: stats.ino };
};

/** @throws with code ENOENT when the index is no longer in the folder */
export function refuseMoved({ dev, ino }: Place, folder: string): void {
  const stats = statInside(folder, INDEX);
  if (stats?.dev !== dev || stats.ino !== ino) throw gone(folder);
}

const gone = (folder: string): Error => Object.assign(new Error(`${folder} was moved or deleted`), { code: 'ENOENT' });
