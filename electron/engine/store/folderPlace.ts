/**
 * Detects at each commit that the session folder was moved or deleted during recording, since further data would be
 * lost.
 */
import { statInside } from '../../session/folder/files.ts';
import { INDEX } from '../../session/format/names.ts';

/** Identifies a file on this machine. */
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
