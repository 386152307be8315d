import { resolve } from 'node:path';
import process from 'node:process';
import { fieldroomError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units.ts';
import { emptyTrash, inTrash, moveToTrash, restore } from '../../engine/review/trash.ts';
import { proveCopy } from '../../engine/upload/freeing.ts';
import { Journal, journalPath } from '../../engine/upload/journal.ts';
import { readUploadReceipts } from '../../engine/upload/receipt.ts';
import { settingsOfReceipt } from '../../engine/upload/receiptSettings.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson, table } from '../terminal.ts';
import { dataFolderOf, openPlace, type PlaceFlags } from '../uploadFlags.ts';

interface FreeFlags extends PlaceFlags {
  data?: string;
  grace: number;
  trustChecksums?: boolean;
  trustCache?: boolean;
  sameDisk?: boolean;
}

/** Moves a session to the trash once verification shows that a destination has all of it. */
export async function free(session: string, flags: FreeFlags): Promise<void> {
  const progress = new Progress();
  const folder = resolve(session);
  const dataFolder = dataFolderOf(folder, flags.data);
  const [receipt] = readUploadReceipts(folder);
  if (!receipt) throw fieldroomError('upload.no-receipt', { folder });
  const signal = interruptSignal(() => progress.say('Stopping. The session is kept.'));
  const settings = withJournal(dataFolder, (journal) => settingsOfReceipt(receipt, journal));
  const { destination } = openPlace(settings, flags, signal, progress);
  try {
    await proveCopy(destination, folder, receipt, {
      ...flags,
      onProgress: ({ path, doneBytes, totalBytes }) => {
        signal.throwIfAborted();
        const amount = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
        if (!flags.json) progress.update(`Reading from ${destination.place}: ${amount}, ${path}`);
      },
    });
  } finally {
    destination.close();
  }
  const nowMs = Date.now();
  const id = moveToTrash(dataFolder, folder, nowMs, flags.grace);
  withJournal(dataFolder, (journal) => markFreed(journal, receipt.study, receipt.session));
  const until = new Date(nowMs + flags.grace).toISOString();
  const { place } = destination;
  if (flags.json) return printJson({ session: receipt.session, place, trash: id, keptUntil: until });
  const how = flags.trustChecksums ? "by the server's checksums" : 'by reading every file';
  process.stdout.write(
    `${place} has all of ${receipt.session}, just verified ${how}.\nThe session is in the trash. \`fieldroom trash --empty\` deletes it after ${until}. To restore it before then:\n  fieldroom trash --restore ${id}\n`,
  );
}

export async function trash(flags: { data: string; restore?: string; empty?: boolean; json?: boolean }): Promise<void> {
  const dataFolder = resolve(flags.data);
  if (flags.restore !== undefined) {
    const folder = restore(dataFolder, flags.restore);
    if (flags.json) printJson({ restored: folder });
    else process.stdout.write(`${folder} was restored.\n`);
    return;
  }
  const freedBytes = flags.empty ? emptyTrash(dataFolder) : 0;
  const left = inTrash(dataFolder);
  if (flags.json) return printJson({ freedBytes, trash: left });
  if (flags.empty) process.stdout.write(`${formatBytes(freedBytes)} freed.\n`);
  const rows = left.map(({ id, study, bytes, keptUntilMs }) => [
    id,
    study,
    formatBytes(bytes),
    keptUntilMs === undefined ? '' : new Date(keptUntilMs).toISOString().slice(0, 10),
  ]);
  const text = rows.length === 0 ? 'The trash is empty.' : table(['session', 'study', 'size', 'kept until'], rows);
  process.stdout.write(`${text}\n`);
}

function withJournal<T>(dataFolder: string, work: (journal: Journal) => T): T {
  const journal = new Journal(journalPath(dataFolder));
  try {
    return work(journal);
  } finally {
    journal.close();
  }
}

function markFreed(journal: Journal, study: string, session: string): void {
  for (const upload of journal.uploads())
    if (upload.study === study && upload.session === session && upload.state === 'done')
      journal.setState(upload.id, 'freed');
}
