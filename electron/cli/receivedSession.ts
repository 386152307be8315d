/** Finds a received session by what a person names: s3://..., a folder, or a tus receipt (its address, or the file). */
import { readFileSync } from 'node:fs';
import type { Destination, DestinationSettings } from '../engine/upload/destination.ts';
import { parseReceipt } from '../engine/upload/receipt.ts';
import { openByReceipt, openReceived, type Received, readReceiptAt } from '../engine/upload/received.ts';
import type { Retrier } from '../engine/upload/retry.ts';
import type { Progress } from './terminal.ts';
import { openPlace, type PlaceFlags, settingsOf } from './uploadFlags.ts';

/** Whether this names something that is not a session's folder on this machine. */
export const isRemote = (text: string): boolean => /^(s3:\/\/|tus\+)/.test(text) || isReceipt(text);

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
    const open = openPlace(withoutPrefix(receipt.destination, receipt.study, receipt.session), flags, signal, progress);
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

const isAddress = (text: string): boolean => /^(s3:\/\/|tus\+)/.test(text);

/** The destination as if the session's folder were all of it. */
function withoutPrefix(settings: DestinationSettings, study: string, session: string): DestinationSettings {
  if (settings.kind === 's3')
    return { ...settings, prefix: [settings.prefix, study, session].filter((part) => part !== '').join('/') };
  if (settings.kind === 'folder') return { ...settings, path: `${settings.path}/${study}/${session}` };
  return settings;
}
