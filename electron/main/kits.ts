/** Kit files: read from disk or chosen in a dialog; remembers the one used last for the next start. */
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type BrowserWindow, dialog } from 'electron';
import { z } from 'zod';
import { fieldroomError } from '../common/errors.ts';
import { type Kit, type kitSchema, parseKit } from '../common/kit.ts';
import { words } from './words.ts';

/** A kit of 256 sources with every setting is about 100 kB. */
const MAX_KIT_BYTES = 4_000_000;

/** @throws FieldroomError `kit.unreadable`, or the errors of `parseKit` */
export async function readKit(path: string): Promise<{ kit: Kit; path: string }> {
  const text = await (async () => {
    if ((await stat(path)).size > MAX_KIT_BYTES) throw new Error('it is too large for a kit');
    return readFile(path, 'utf8');
  })().catch((cause: Error) => {
    throw fieldroomError('kit.unreadable', { path, message: cause.message }, { cause });
  });
  return { kit: parseKit(text, basename(path)), path };
}

export async function chooseKit(
  window: BrowserWindow | null,
  folder: string,
): Promise<{ kit: Kit; path: string } | null> {
  const options = {
    title: words['dialog.kit.title'],
    defaultPath: folder,
    filters: [{ name: words['dialog.kit.filter'], extensions: ['json'] }],
    properties: ['openFile' as const],
  };
  const { canceled, filePaths } = window
    ? await dialog.showOpenDialog(window, options)
    : await dialog.showOpenDialog(options);
  const path = filePaths[0];
  return canceled || path === undefined ? null : readKit(path);
}

/** @throws FieldroomError `kit.not-writable` */
export async function exportKit(
  window: BrowserWindow | null,
  kit: z.input<typeof kitSchema>,
  folder: string,
): Promise<{ written: boolean }> {
  const options = {
    title: words['dialog.kit.export'],
    defaultPath: join(folder, `${kit.name.replace(/[\\/:*?"<>|]/g, '-')}.json`),
    filters: [{ name: words['dialog.kit.filter'], extensions: ['json'] }],
  };
  const { canceled, filePath } = window
    ? await dialog.showSaveDialog(window, options)
    : await dialog.showSaveDialog(options);
  if (canceled || filePath === '') return { written: false };
  await writeFile(filePath, `${JSON.stringify(kit, null, 2)}\n`).catch((cause: Error) => {
    throw fieldroomError('kit.not-writable', { filePath, message: cause.message }, { cause });
  });
  return { written: true };
}

/** Allows the engine to write the kit back to the file that the user chose. */
export const grantOf = (path: string, grantKey: string): string =>
  createHmac('sha256', grantKey).update(path).digest('base64url');

const lastKitSchema = z.object({ kit: z.string() });
const lastKitFile = (folder: string): string => join(folder, 'last-kit.json');

export function readLastKit(folder: string): string | null {
  try {
    return lastKitSchema.parse(JSON.parse(readFileSync(lastKitFile(folder), 'utf8'))).kit;
  } catch {
    return null;
  }
}

/** Losing it only costs one click at the next start, so a full disk is ignored here. */
export function keepLastKit(folder: string, kit: string): void {
  if (readLastKit(folder) === kit) return;
  try {
    writeFileSync(lastKitFile(folder), JSON.stringify({ kit }));
  } catch {
    // Ignored: the engine monitors the disk and reports it.
  }
}

export const folderOfKit = (path: string | null, otherwise: string): string =>
  path === null ? otherwise : dirname(path);
