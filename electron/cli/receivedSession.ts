/** Finds a received session by s3:// address, folder, or tus receipt (its address or its file). */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Destination, DestinationSettings } from '../engine/upload/destination.ts';
import { Journal, journalPath } from '../engine/upload/journal.ts';
import { parseReceipt } from '../engine/upload/receipt.ts';
import { settingsOfReceipt } from '../engine/upload/receiptSettings.ts';
import { openByReceipt, openReceived, type Received, readReceiptAt } from '../engine/upload/received.ts';
import type { Retrier } from '../engine/upload/retry.ts';
import type { Progress } from './terminal.ts';
import { dataFolderOf, openPlace, type PlaceFlags, settingsOf } from './uploadFlags.ts';

/** Whether this names something other than a session folder on this machine. */
export const isRemote = (text: string): boolean => /^(s3:\/\/|tus\+|rclone:)/.test(text) || isReceipt(text);

const isReceipt = (text: string): boolean => /receipt[^/\\]*\.json$/.test(text);

/** @throws FieldroomError `upload.*` */
export async function findReceived(
  text: string,
  flags: PlaceFlags,
  signal: AbortSignal,
  progress: Progress,
): Promise<{ destination: Destination; retrier: Retrier; received: Received }> {
  if (isReceipt(text) && !isAddress(text)) {
    const receipt = parseReceipt(readFileSync(text, 'utf8'), text);
    const settings = settingsOfReceipt(receipt, journalBeside(text), resolve(text));
    const open = openPlace(withoutPrefix(settings, receipt.study, receipt.session), flags, signal, progress);
    const received =
      receipt.destination.kind === 'tus'
        ? await openByReceipt(open.destination, receipt)
        : await openReceived(open.destination);
    return { ...open, received };
  }
  const open = openPlace(settingsOf(text, flags), flags, signal, progress);
  if (!text.startsWith('tus+')) return { ...open, received: await openReceived(open.destination) };
  const receipt = await readReceiptAt(open.destination, text.slice('tus+'.length));
  return { ...open, received: await openByReceipt(open.destination, receipt) };
}

/** The journal of the data folder that contains a local receipt. */
function journalBeside(receipt: string): Journal | null {
  const path = journalPath(dataFolderOf(dirname(resolve(receipt)), undefined));
  return existsSync(path) ? new Journal(path) : null;
}

const isAddress = (text: string): boolean => /^(s3:\/\/|tus\+|rclone:)/.test(text);

/** The destination narrowed to the session's folder. */
function withoutPrefix(settings: DestinationSettings, study: string, session: string): DestinationSettings {
  if (settings.kind === 's3' || settings.kind === 'rclone')
    return { ...settings, prefix: [settings.prefix, study, session].filter((part) => part !== '').join('/') };
  // The destination marker is in the parent folder.
  if (settings.kind === 'folder') {
    const { id: _, ...withoutId } = settings;
    return { ...withoutId, path: join(settings.path, study, session) };
  }
  return settings;
}
