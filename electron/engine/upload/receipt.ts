/**
 * The receipt: every file of a session was verified at one destination, and how. It is in the session folder
 * (`receipt-upload-<place>.json`, not part of the sealed files) and beside the manifest at the destination. It leaves
 * the laptop, so it contains no local path: a folder is identified by the id in its marker file.
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import { listInside, readInside, removeInside, writeInside } from '../../session/folder/files.ts';
import { VERSION } from '../version.ts';
import { type DestinationSettings, destinationSettingsSchema } from './destination.ts';
import type { FileRow, UploadRow } from './journal.ts';

const STATEMENT = 'Every file named here was found whole at the destination by the proof that stands beside it.';

const proofSchema = z.strictObject({
  by: z.enum(['server-checksum', 'read-back']),
  checksum: z.string().optional(),
  at: z.string(),
});
const fileSchema = z.strictObject({
  path: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  /** Where it is at the destination: key, path or address. */
  location: z.string(),
  proof: proofSchema,
});
const destinationSchema = z.union([
  destinationSettingsSchema,
  z.strictObject({ kind: z.literal('folder'), id: z.string().optional() }),
]);
const receiptSchema = z.strictObject({
  format: z.literal('fieldroom-receipt'),
  formatVersion: z.union([z.literal(1), z.literal(2)]),
  statement: z.string(),
  study: z.string(),
  session: z.string(),
  /** The destination as text; for a folder only its name. */
  place: z.string(),
  /** Identifies the destination on the laptop that uploaded. */
  placeId: z.string().optional(),
  /** Without local details: the path of a folder, the CA certificate file. */
  destination: destinationSchema,
  issuedAt: z.string(),
  software: z.string(),
  manifest: fileSchema,
  files: z.array(fileSchema),
  /** The annotations when this receipt was issued. */
  annotations: fileSchema.extend({ revision: z.number() }).nullable().optional(),
  /** SHA-256 of this object as JSON without this field. */
  sha256: z.string(),
});
export type Receipt = z.infer<typeof receiptSchema>;
export type ReceiptFile = z.infer<typeof fileSchema>;

/** @param files all verified, the manifest among them by its path */
export function makeReceipt(
  upload: UploadRow,
  manifestPath: string,
  files: readonly FileRow[],
  annotations: (FileRow & { revision: number }) | null,
): Receipt {
  const entries = files.map(entryOf);
  const manifest = entries.find(({ path }) => path === manifestPath);
  if (!manifest) throw new Error('the manifest is not verified');
  const { study, session, place, settings } = upload;
  const body = {
    ...{ format: 'fieldroom-receipt' as const, formatVersion: 2 as const, statement: STATEMENT },
    ...{ study, session, place: publicPlace(upload), placeId: placeIdOf(place), destination: publicSettings(settings) },
    ...{ issuedAt: new Date().toISOString(), software: `fieldroom ${VERSION}` },
    ...{ manifest, files: entries.filter((entry) => entry !== manifest) },
    annotations: annotations && { ...entryOf(annotations), revision: annotations.revision },
  };
  return { ...body, sha256: digestOf(body) };
}

function entryOf({ path, bytes, sha256, location, proof }: FileRow): ReceiptFile {
  if (location === null || proof === null) throw new Error(`${path} is not verified`);
  return { path, bytes, sha256, location, proof };
}

/** The last part of a folder's path is its familiar name. */
const publicPlace = ({ place, settings }: UploadRow): string =>
  settings.kind === 'folder' ? `folder ${basename(settings.path)}` : place;

function publicSettings(settings: DestinationSettings): z.infer<typeof destinationSchema> {
  if (settings.kind === 'folder') return { kind: 'folder', ...(settings.id === undefined ? {} : { id: settings.id }) };
  if (settings.kind === 'rclone') {
    const { program: _, ...known } = settings;
    return known;
  }
  const { caFile: _, ...known } = settings;
  return known;
}

/** Identifies a destination in a receipt without saying where it is. */
export const placeIdOf = (place: string): string => createHash('sha256').update(place).digest('hex').slice(0, 8);

export const receiptBytes = (receipt: Receipt): Buffer => Buffer.from(`${JSON.stringify(receipt, null, 2)}\n`);

/** @param where for error messages. @throws FieldroomError `upload.receipt-damaged` */
export function parseReceipt(text: string, where: string): Receipt {
  const damaged = (cause?: unknown): FieldroomError =>
    fieldroomError('upload.receipt-damaged', { where }, { ...(cause === undefined ? {} : { cause }) });
  let receipt: Receipt;
  try {
    receipt = receiptSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(cause);
  }
  const { sha256, ...body } = receipt;
  if (digestOf(body) !== sha256) throw damaged();
  return receipt;
}

/** One name for each destination, so that receipts do not overwrite each other. */
const receiptName = (placeId: string): string => `receipt-upload-${placeId}.json`;

/** This destination's proof is no longer valid. */
export function removeReceipt(folder: string, place: string): void {
  removeInside(folder, receiptName(placeIdOf(place)));
}

export function writeReceipt(folder: string, receipt: Receipt): string {
  const name = receiptName(receipt.placeId ?? placeIdOf(receipt.place));
  writeInside(folder, name, receiptBytes(receipt));
  return join(folder, name);
}

/** All receipts in a session's folder, latest first; a damaged one does not count. */
export function readUploadReceipts(folder: string): Receipt[] {
  return listInside(folder)
    .filter((name) => /^receipt-upload-[0-9a-f]+\.json$/.test(name))
    .flatMap((name) => {
      try {
        return [parseReceipt(readInside(folder, name).toString('utf8'), name)];
      } catch {
        return [];
      }
    })
    .sort((a, b) => (a.issuedAt < b.issuedAt ? 1 : -1));
}

const digestOf = (body: Omit<Receipt, 'sha256'>): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');
