/**
 * The manifest of a sealed session is restored from its second copy; its hashes are never computed from files that may
 * be damaged.
 */
import { join } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import type { Finding } from '../check/finding.ts';
import { isProven } from '../check/indexCheck.ts';
import { existsInside, hashNow, sizeInside } from '../folder/files.ts';
import { readCommitLog } from '../format/commitLog.ts';
import { writeManifest } from '../format/manifest.ts';
import { INDEX, MANIFEST } from '../format/names.ts';
import { openIndex } from '../format/openIndex.ts';
import { metaOf } from '../format/sessionMeta.ts';
import { readSealedFiles } from '../seal/sealedFiles.ts';
import { readSealReceipt, restoreFromReceipt, SEAL_RECEIPT, writeSealReceipt } from '../seal/sealReceipt.ts';

/** From its receipt or its index. */
export function wasSealed(folder: string): boolean {
  if (readSealReceipt(folder) !== null) return true;
  try {
    const db = openIndex(folder, { mode: 'read' });
    try {
      return db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').pluck().get() === 'sealed';
    } finally {
      db.close();
    }
  } catch {
    // The index's own repair reports an unreadable index.
    return false;
  }
}

/** @throws FieldroomError `store.manifest-lost` if nothing proves the manifest's contents */
export function restoreManifest(folder: string): Finding[] {
  const restored = (from: string): Finding[] => [
    { code: 'manifest.damaged', where: MANIFEST, message: `restored from ${from}` },
  ];
  if (restoreFromReceipt(folder)) return restored(SEAL_RECEIPT);
  const db = openIndex(folder, { mode: 'read' });
  try {
    const files = [...(readSealedFiles(db)?.values() ?? [])];
    const changed = files.find(
      ({ path, bytes, sha256 }) => sizeInside(folder, path) !== bytes || hashNow(folder, path) !== sha256,
    );
    if (files.length === 0 || changed || !isProven(db, readCommitLog(folder)))
      throw fieldroomError('store.manifest-lost', { path: join(folder, MANIFEST), detail: changed?.path ?? INDEX });
    const index = { path: INDEX, bytes: sizeInside(folder, INDEX), sha256: hashNow(folder, INDEX) };
    writeManifest(
      folder,
      metaOf(db),
      'sealed',
      [...files, index].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
    writeSealReceipt(folder);
    return restored('the index, whose every row was proven');
  } finally {
    db.close();
  }
}

/** The second copy of an intact manifest. Sessions of older versions have none, and get none. */
export function restoreReceipt(folder: string): Finding[] {
  if (!existsInside(folder, SEAL_RECEIPT) || readSealReceipt(folder) !== null) return [];
  writeSealReceipt(folder);
  return [{ code: 'receipt.damaged', where: SEAL_RECEIPT, message: 'rebuilt from the manifest' }];
}
