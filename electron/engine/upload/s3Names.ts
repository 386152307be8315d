/** Keys and checksums in the forms that S3 uses. */
import { createHash } from 'node:crypto';
import type { PartRecord } from './destination.ts';

export const base64Of = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');

/** S3's checksum of a multipart object: the SHA-256 of the parts' SHA-256, `-`, and their number. */
export function compositeOf(parts: readonly PartRecord[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of parts) hash.update(Buffer.from(sha256, 'hex'));
  return `${hash.digest('base64')}-${parts.length}`;
}

export const keyPath = (prefix: string, key: string): string => (prefix ? `${prefix}/${key}` : key);
