/**
 * The receipt: every file of a session was found whole at one destination, and how that is known. It lies in the session
 * folder (`receipt-upload-<place>.json`, no part of what is sealed) and beside the manifest at the destination.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import { listInside, readInside, writeInside } from '../../session/folder/files.ts';
import { VERSION } from '../version.ts';
import { destinationSettingsSchema } from './destination.ts';
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
const receiptSchema = z.strictObject({
  format: z.literal('fieldroom-receipt'),
  formatVersion: z.literal(1),
  statement: z.string(),
  study: z.string(),
  session: z.string(),
  place: z.string(),
  destination: destinationSettingsSchema,
  issuedAt: z.string(),
  software: z.string(),
  manifest: fileSchema,
  files: z.array(fileSchema),
  /** SHA-256 of this object as JSON without this field. */
  sha256: z.string(),
});
export type Receipt = z.infer<typeof receiptSchema>;
export type ReceiptFile = z.infer<typeof fileSchema>;

/** @param files all verified, the manifest among them by its path */
export function makeReceipt(upload: UploadRow, manifestPath: string, files: readonly FileRow[]): Receipt {
  const entries = files.map(({ path, bytes, sha256, location, proof }) => {
    if (location === null || proof === null) throw new Error(`${path} is not verified`);
    return { path, bytes, sha256, location, proof };
  });
  const manifest = entries.find(({ path }) => path === manifestPath);
  if (!manifest) throw new Error('the manifest is not verified');
  const { study, session, place, settings } = upload;
  const body = {
    ...{ format: 'fieldroom-receipt' as const, formatVersion: 1 as const, statement: STATEMENT },
    ...{ study, session, place, destination: settings },
    ...{ issuedAt: new Date().toISOString(), software: `fieldroom ${VERSION}` },
    ...{ manifest, files: entries.filter((entry) => entry !== manifest) },
  };
  return { ...body, sha256: digestOf(body) };
}

export const receiptBytes = (receipt: Receipt): Buffer => Buffer.from(`${JSON.stringify(receipt, null, 2)}\n`);

/** @param where for words. @throws FieldroomError `upload.receipt-damaged` */
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

/** One name a destination, so that two of them do not overwrite each other. */
export const receiptName = (place: string): string =>
  `receipt-upload-${createHash('sha256').update(place).digest('hex').slice(0, 8)}.json`;

export function writeReceipt(folder: string, receipt: Receipt): string {
  const path = join(folder, receiptName(receipt.place));
  writeInside(folder, receiptName(receipt.place), receiptBytes(receipt));
  return path;
}

/** All receipts in a session's folder; one that is damaged counts as none. */
export function readUploadReceipts(folder: string): Receipt[] {
  return listInside(folder)
    .filter((name) => /^receipt-upload-[0-9a-f]+\.json$/.test(name))
    .flatMap((name) => {
      try {
        return [parseReceipt(readInside(folder, name).toString('utf8'), name)];
      } catch {
        return [];
      }
    });
}

const digestOf = (body: Omit<Receipt, 'sha256'>): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex');
