/** Annotations are proven by a separate receipt, written after each change. */
import { existsInside, hashInside, sizeInside } from '../folder/files.ts';
import { ANNOTATIONS } from '../format/names.ts';
import { readSelfChecked } from '../seal/selfChecked.ts';
import type { Finding } from './finding.ts';

export const ANNOTATIONS_RECEIPT = 'receipt-annotations.json';

export async function checkAnnotations(folder: string): Promise<Finding[]> {
  const there = existsInside(folder, ANNOTATIONS);
  // Annotations of an older version have no receipt.
  if (!existsInside(folder, ANNOTATIONS_RECEIPT)) return [];
  const receipt = readSelfChecked(folder, ANNOTATIONS_RECEIPT);
  const found = (code: string, where: string, message: string): Finding[] => [{ code, where, message }];
  if (!receipt) return found('receipt.damaged', ANNOTATIONS_RECEIPT, 'the receipt is damaged');
  if (!there) return found('annotations.missing', ANNOTATIONS, 'the file is missing');
  const same =
    receipt.bytes === sizeInside(folder, ANNOTATIONS) && receipt.content === (await hashInside(folder, ANNOTATIONS));
  return same
    ? []
    : found('annotations.changed', ANNOTATIONS, 'the file was changed by another program, or is damaged');
}
