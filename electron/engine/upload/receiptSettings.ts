/**
 * A receipt contains no local path: the destination's location comes from the journal, or from the folder that the
 * receipt is in.
 */
import { dirname, join } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import type { DestinationSettings } from './destination.ts';
import type { Journal } from './journal.ts';
import { placeIdOf, type Receipt } from './receipt.ts';

/**
 * @param journal of the data folder that the session was uploaded from, if there is one
 * @param at the file of a receipt that is at its destination, beside the manifest
 * @throws FieldroomError `upload.no-destination` when the folder's location is unknown
 */
export function settingsOfReceipt(receipt: Receipt, journal: Journal | null, at?: string): DestinationSettings {
  const { study, session, destination, placeId = placeIdOf(receipt.place) } = receipt;
  const known = journal
    ?.uploads()
    .find((row) => row.study === study && row.session === session && placeIdOf(row.place) === placeId);
  if (known) return known.settings;
  if (destination.kind !== 'folder') return destination;
  if ('path' in destination && destination.path !== undefined) return destination;
  if (at !== undefined && at === join(dirname(at), 'receipt.json'))
    return { kind: 'folder', path: dirname(dirname(dirname(at))) };
  throw fieldroomError('upload.no-destination:former', { place: receipt.place });
}
