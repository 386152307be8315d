/**
 * The marker file of a folder destination. It distinguishes the drive that was set up from an empty mount point or
 * another drive at the same path; without it everything would be written to the laptop's own disk and count as a copy.
 */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { FolderSettings } from './destination.ts';
import { placeOfFolder } from './destinationNames.ts';
import { diskTrouble, trouble } from './uploadErrors.ts';

export const MARKER = '.fieldroom-destination.json';

const markerSchema = z.object({ format: z.literal('fieldroom-destination'), id: z.string().min(8).max(64) });

/** The id of a folder that was set up; null when it has no marker. @throws FieldroomError `upload.*` when it cannot be read */
async function markerOf(settings: FolderSettings): Promise<string | null> {
  try {
    return markerSchema.parse(JSON.parse(await readFile(join(settings.path, MARKER), 'utf8'))).id;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    if ((error as NodeJS.ErrnoException).code !== undefined) throw diskTrouble(error, placeOfFolder(settings));
    throw trouble('other-drive', placeOfFolder(settings), `${MARKER} is damaged`, { cause: error });
  }
}

/**
 * Sets up an existing folder as a destination, or recognises one already set up.
 * @returns the settings with the id of the folder
 * @throws FieldroomError `upload.no-folder` when it does not exist: it is never created, since its drive may be missing
 */
export async function setUpFolder(settings: FolderSettings): Promise<FolderSettings> {
  const known = await markerOf(settings);
  if (known !== null) return { ...settings, id: known };
  const id = randomUUID();
  const about = 'Sessions are uploaded to this folder. Fieldroom recognises the folder by this file.';
  try {
    const text = `${JSON.stringify({ format: 'fieldroom-destination', id, about }, null, 2)}\n`;
    await writeFile(join(settings.path, MARKER), text, { flag: 'wx' });
  } catch (error) {
    throw diskTrouble(error, placeOfFolder(settings));
  }
  return { ...settings, id };
}

/** @throws FieldroomError `upload.other-drive` when the folder is not the one that was set up */
export async function requireMarker(settings: FolderSettings): Promise<void> {
  if (settings.id === undefined) return;
  const found = await markerOf(settings);
  if (found === settings.id) return;
  throw trouble('other-drive', placeOfFolder(settings), found === null ? `${MARKER} is missing` : 'another marker');
}
