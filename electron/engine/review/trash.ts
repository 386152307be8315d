/**
 * Deleting is a move into `<data>/.fieldroom/trash`: it can be undone until the trash is emptied. The folder's name
 * there records when it was deleted and where to restore it.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import nodePath, { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { fieldroomError } from '../../common/errors.ts';
import { isInside } from '../../common/insideFolder.ts';
import { type SessionEntry, type Trashed, titleOf } from '../../common/review.ts';
import { replaceFile } from '../../session/folder/replaceFile.ts';
import { diskError } from '../../session/format/diskErrors.ts';

const NOTE = 'deleted.json';
const CONTENT = 'session';

const noteSchema = z.object({
  study: z.string(),
  session: z.string(),
  deletedAtMs: z.number(),
  keptUntilMs: z.number().optional(),
});

const trashOf = (dataFolder: string): string => join(dataFolder, '.fieldroom', 'trash');

/**
 * Refuses deletions that a person would regret: sessions being written, sessions outside the data folder, and the only
 * copy of a session unless its name is typed.
 * @throws FieldroomError `review.busy`, `review.elsewhere`, `review.only-copy`
 */
export function checkDelete(entry: SessionEntry, typedName: string): void {
  if (['recording', 'paused', 'sealing'].includes(entry.state) || entry.verifying !== null)
    throw fieldroomError('review.busy:working');
  if (entry.elsewhere) throw fieldroomError('review.elsewhere');
  if (entry.uploaded || entry.exported || typedName.trim() === nameToType(entry)) return;
  throw fieldroomError('review.only-copy', { entry: nameToType(entry) }, { data: { name: nameToType(entry) } });
}

/** The text to type: the session's displayed name. */
export const nameToType = titleOf;

/**
 * @param graceMs how long emptying the trash keeps it
 * @returns its id in the trash
 */
export function moveToTrash(dataFolder: string, folder: string, nowMs = Date.now(), graceMs = 0): string {
  const study = basename(dirname(folder));
  const session = basename(folder);
  const id = `${nowMs}.${session}`;
  const place = join(trashOf(dataFolder), id);
  try {
    mkdirSync(place, { recursive: true });
    const keptUntilMs = graceMs > 0 ? { keptUntilMs: nowMs + graceMs } : {};
    writeFileSync(join(place, NOTE), JSON.stringify({ study, session, deletedAtMs: nowMs, ...keptUntilMs }));
    replaceFile(folder, join(place, CONTENT));
    return id;
  } catch (cause) {
    rmSync(place, { recursive: true, force: true });
    throw diskError(cause, folder, 'deleted');
  }
}

/** @returns the restored folder. @throws FieldroomError `review.not-in-trash`, `review.place-taken` */
export function restore(dataFolder: string, id: string): string {
  const place = join(trashOf(dataFolder), basename(id));
  const note = readNote(place);
  if (!note) throw fieldroomError('review.not-in-trash');
  const folder = join(dataFolder, note.study, note.session);
  if (!isInside(dataFolder, folder, nodePath) || existsSync(folder))
    throw fieldroomError('review.place-taken', { folder });
  try {
    mkdirSync(dirname(folder), { recursive: true });
    replaceFile(join(place, CONTENT), folder);
    rmSync(place, { recursive: true, force: true });
    return folder;
  } catch (cause) {
    throw diskError(cause, folder, 'restored');
  }
}

export function inTrash(dataFolder: string): Trashed[] {
  const trash = trashOf(dataFolder);
  if (!existsSync(trash)) return [];
  return readdirSync(trash)
    .flatMap((id): Trashed[] => {
      const note = readNote(join(trash, id));
      return note ? [{ id, ...note, bytes: bytesBelow(join(trash, id)) }] : [];
    })
    .sort((a, b) => b.deletedAtMs - a.deletedAtMs);
}

/** Deletes permanently. @param nowMs sessions within their grace period are kept. @returns bytes freed */
export function emptyTrash(dataFolder: string, nowMs = Date.now()): number {
  const trash = trashOf(dataFolder);
  let freed = 0;
  try {
    for (const id of existsSync(trash) ? readdirSync(trash) : []) {
      const place = join(trash, id);
      if ((readNote(place)?.keptUntilMs ?? 0) > nowMs) continue;
      const bytes = bytesOf(place);
      rmSync(place, { recursive: true, force: true });
      freed += bytes;
    }
    return freed;
  } catch (cause) {
    throw diskError(cause, trash, 'emptied');
  }
}

const bytesOf = (place: string): number => (statSync(place).isDirectory() ? bytesBelow(place) : statSync(place).size);

function readNote(place: string): z.infer<typeof noteSchema> | null {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(join(place, NOTE), 'utf8')));
  } catch {
    return null;
  }
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
