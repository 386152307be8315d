import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { formatBytes } from '../../common/units.ts';
import { Journal, journalPath, type UploadRow } from '../../engine/upload/journal.ts';
import { printJson, table } from '../terminal.ts';

/** The queue and the history. */
export async function uploads({ data, json }: { data: string; json?: boolean }): Promise<void> {
  const path = journalPath(resolve(data));
  if (!existsSync(path)) {
    if (json) printJson({ uploads: [] });
    else process.stdout.write('Nothing was uploaded from this data folder yet.\n');
    return;
  }
  const journal = new Journal(path);
  try {
    const all = journal.uploads().map((upload) => ({ ...upload, ...progressOf(journal, upload) }));
    if (json) return printJson({ uploads: all.map(({ settings: _, ...upload }) => upload) });
    const rows = all.map((upload) => [
      `${upload.study}/${upload.session}`,
      upload.state,
      `${formatBytes(upload.doneBytes)} of ${formatBytes(upload.bytes)}`,
      `${upload.filesDone} of ${upload.files}`,
      upload.place,
    ]);
    process.stdout.write(`${table(['session', 'state', 'there', 'files', 'destination'], rows)}\n`);
    for (const { session, error } of all)
      if (error) process.stdout.write(`${session}: ${error.message} ${error.nextStep ?? ''}\n`);
  } finally {
    journal.close();
  }
}

function progressOf(
  journal: Journal,
  { id }: UploadRow,
): { bytes: number; doneBytes: number; files: number; filesDone: number } {
  const files = journal.files(id);
  const there = files.filter(({ state }) => state === 'sent' || state === 'verified');
  const sum = (rows: typeof files): number => rows.reduce((total, { bytes }) => total + bytes, 0);
  return {
    bytes: sum(files),
    doneBytes: sum(there) + journal.confirmedBytes(id),
    files: files.length,
    filesDone: files.filter(({ state }) => state === 'verified').length,
  };
}
