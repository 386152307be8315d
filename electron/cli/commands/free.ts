import { resolve } from 'node:path';
import process from 'node:process';
import { fieldroomError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units.ts';
import { emptyTrash, inTrash, moveToTrash, restore } from '../../engine/review/trash.ts';
import { verifyNow } from '../../engine/upload/freeing.ts';
import { Journal, journalPath } from '../../engine/upload/journal.ts';
import { readUploadReceipts } from '../../engine/upload/receipt.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson, table } from '../terminal.ts';
import { dataFolderOf, openPlace, type PlaceFlags } from '../uploadFlags.ts';

/** Moves a session to the trash, if a destination proves now that it holds all of it. */
export async function free(session: string, flags: PlaceFlags & { data?: string; grace: number }): Promise<void> {
  const progress = new Progress();
  const folder = resolve(session);
  const dataFolder = dataFolderOf(folder, flags.data);
  const [receipt] = readUploadReceipts(folder).sort((a, b) => (a.issuedAt < b.issuedAt ? 1 : -1));
  if (!receipt) throw fieldroomError('upload.no-receipt', { folder });
  const signal = interruptSignal(() => progress.say('Stopping: the session stays.'));
  const { destination } = openPlace(receipt.destination, flags, signal, progress);
  try {
    await verifyNow(destination, folder, receipt, (path) => progress.update(`Asking ${receipt.place}: ${path}`));
  } finally {
    destination.close();
  }
  signal.throwIfAborted();
  const nowMs = Date.now();
  const id = moveToTrash(dataFolder, folder, nowMs, flags.grace);
  markFreed(dataFolder, receipt.study, receipt.session);
  const until = new Date(nowMs + flags.grace).toISOString();
  if (flags.json) printJson({ session: receipt.session, place: receipt.place, trash: id, keptUntil: until });
  else
    process.stdout.write(
      `${receipt.place} holds all of ${receipt.session}, checked just now.\nIt lies in the trash until ${until}; after that \`fieldroom trash --empty\` deletes it, nothing does by itself.\nBack: fieldroom trash --restore ${id}\n`,
    );
}

export async function trash(flags: { data: string; restore?: string; empty?: boolean; json?: boolean }): Promise<void> {
  const dataFolder = resolve(flags.data);
  if (flags.restore !== undefined) {
    const folder = restore(dataFolder, flags.restore);
    if (flags.json) printJson({ restored: folder });
    else process.stdout.write(`${folder} is back.\n`);
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
  const text = rows.length === 0 ? 'The trash is empty.' : table(['session', 'study', 'bytes', 'kept until'], rows);
  process.stdout.write(`${text}\n`);
}

function markFreed(dataFolder: string, study: string, session: string): void {
  const journal = new Journal(journalPath(dataFolder));
  try {
    for (const upload of journal.uploads())
      if (upload.study === study && upload.session === session && upload.state === 'done')
        journal.setState(upload.id, 'freed');
  } finally {
    journal.close();
  }
}
