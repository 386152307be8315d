/** `receipt-seal.json`: a byte-for-byte copy of a sealed session's manifest. */
import { createHash } from 'node:crypto';
import { readInside, writeInside } from '../folder/files.ts';
import { MANIFEST } from '../format/names.ts';
import { readSelfChecked, writeSelfChecked } from './selfChecked.ts';

export const SEAL_RECEIPT = 'receipt-seal.json';
const FORMAT = 'fieldroom-seal-receipt';

export function writeSealReceipt(folder: string): void {
  writeSelfChecked(folder, SEAL_RECEIPT, { format: FORMAT, manifest: readInside(folder, MANIFEST).toString('utf8') });
}

/** The manifest's text; null: there is no receipt, or it is damaged. */
export function readSealReceipt(folder: string): string | null {
  const body = readSelfChecked(folder, SEAL_RECEIPT);
  return body?.format === FORMAT && typeof body.manifest === 'string' ? body.manifest : null;
}

/** @returns whether the manifest is unchanged since sealing */
export function restoreFromReceipt(folder: string): boolean {
  const text = readSealReceipt(folder);
  if (text === null) return false;
  writeInside(folder, MANIFEST, text);
  return true;
}

/** SHA-256 of the current manifest, hexadecimal. */
export const manifestSha256 = (folder: string): string =>
  createHash('sha256').update(readInside(folder, MANIFEST)).digest('hex');
