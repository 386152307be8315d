import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import { formatBytes } from '../../common/units.ts';
import { Journal, journalPath, type UploadProgress } from '../../engine/upload/journal.ts';
import { printJson, table } from '../terminal.ts';

const NO_PROGRESS: UploadProgress = { files: 0, filesDone: 0, bytes: 0, doneBytes: 0 };

/** Prints the upload queue and its history. */
export async function uploads({ data, json }: { data: string; json?: boolean }): Promise<void> {
  const path = journalPath(resolve(data));
  if (!existsSync(path)) {
    if (json) printJson({ uploads: [] });
    else process.stdout.write('No uploads from this data folder yet.\n');
    return;
  }
  const journal = new Journal(path);
  try {
    const progress = journal.progress();
    const all = journal.uploads().map((upload) => ({
      ...upload,
      // The process that ran it was killed; the next start resumes the upload.
      state: upload.state === 'running' && !journal.isInWork(upload.id) ? 'interrupted' : upload.state,
      ...(progress.get(upload.id) ?? NO_PROGRESS),
    }));
    if (json) return printJson({ uploads: all.map(({ settings: _, ...upload }) => upload) });
    const rows = all.map((upload) => [
      `${upload.study}/${upload.session}`,
      upload.state,
      `${formatBytes(upload.doneBytes)} of ${formatBytes(upload.bytes)}`,
      `${upload.filesDone} of ${upload.files}`,
      upload.place,
    ]);
    process.stdout.write(`${table(['session', 'state', 'uploaded', 'files', 'destination'], rows)}\n`);
    for (const { session, error } of all)
      if (error) process.stdout.write(`${session}: ${error.message} ${error.nextStep ?? ''}\n`);
  } finally {
    journal.close();
  }
}
