/** Repair of a whole session folder: used by `fieldroom repair`, and by the engine at startup before sealing. */
import { dirname, join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { Finding } from '../check/finding.ts';
import { existsInside, refuseUnsafeFolder } from '../folder/files.ts';
import { diskError } from '../format/diskErrors.ts';
import { INDEX, MANIFEST, readManifest, writeManifest } from '../format/manifest.ts';
import type { LifecycleState } from '../format/rows.ts';
import { metaOf } from '../format/sessionMeta.ts';
import { finishCut } from './crashCut.ts';
import { restoreManifest, restoreReceipt, wasSealed } from './manifestRepair.ts';
import { openForRepair } from './openForRepair.ts';
import { type OnRepair, repairContent } from './repair.ts';

export interface RepairResult {
  /** A sealed session is never changed. */
  sealed: boolean;
  /** The problems found and repaired. */
  findings: Finding[];
}

/**
 * @throws FieldroomError `store.no-session` if there is none; `store.damaged` if the index cannot be read completely: then nothing was changed.
 */
export function repairSession(folder: string, onProgress: OnRepair = () => {}): RepairResult {
  const path = join(folder, INDEX);
  refuseUnsafeFolder(folder);
  if (!existsInside(folder, INDEX)) throw fieldroomError('store.no-session:folder', { folder });
  const manifest = manifestOf(folder);
  if (manifest === 'sealed') return { sealed: true, findings: restoreReceipt(folder) };
  if (manifest === 'damaged' && wasSealed(folder)) return { sealed: true, findings: restoreManifest(folder) };
  const findings: Finding[] = [];
  let db: Database | null = null;
  try {
    finishCut(folder);
    const opened = openForRepair(folder, 'repair');
    db = opened.db;
    findings.push(...opened.findings, ...repairContent(folder, db, 'repair', opened.log, onProgress).findings);
    const state = db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').pluck().get();
    if (manifest !== 'damaged') return { sealed: false, findings };
    writeManifest(folder, metaOf(db), ((state as string | undefined) ?? 'created') as LifecycleState, []);
    findings.push({ code: 'manifest.damaged', where: MANIFEST, message: 'rebuilt from the index' });
    return { sealed: false, findings };
  } catch (cause) {
    throw diskError(cause, path, 'repaired');
  } finally {
    db?.close();
  }
}

/** The data folder with the study of this session. */
export const dataFolderOf = (folder: string): string => dirname(dirname(folder));

function manifestOf(folder: string): LifecycleState | 'damaged' {
  try {
    return readManifest(folder)?.state ?? 'damaged';
  } catch (error) {
    if (error instanceof FieldroomError && error.code === 'store.manifest-damaged') return 'damaged';
    throw error;
  }
}
