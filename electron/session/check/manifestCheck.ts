/**
 * Checks the manifest against the files, the index and its second copy, and checks for other files beside the session.
 */
import type { Database } from 'better-sqlite3';
import { FieldroomError } from '../../common/errors.ts';
import { existsInside, hashInside, listInside, readInside, statInside } from '../folder/files.ts';
import { type ManifestFile, readManifest, type SessionManifest } from '../format/manifest.ts';
import { COMMIT_LOG, INDEX, MANIFEST } from '../format/names.ts';
import { metaOf } from '../format/sessionMeta.ts';
import { readSealedFiles, unexpectedFiles } from '../seal/sealedFiles.ts';
import { readSealReceipt, SEAL_RECEIPT } from '../seal/sealReceipt.ts';
import { readSelfChecked } from '../seal/selfChecked.ts';
import { ANNOTATIONS_RECEIPT, checkAnnotations } from './annotationsCheck.ts';
import type { Finding } from './finding.ts';

export interface ManifestState {
  manifest: SessionManifest | null;
  /** From the manifest, or from its second copy if it is damaged. */
  files: ManifestFile[] | null;
  findings: Finding[];
}

/** Reads only the manifest. */
export function readForCheck(folder: string): ManifestState {
  const findings: Finding[] = [];
  let manifest: SessionManifest | null = null;
  try {
    manifest = readManifest(folder);
    if (!manifest) findings.push({ code: 'manifest.missing', where: MANIFEST, message: 'the manifest is missing' });
  } catch (error) {
    if (!(error instanceof FieldroomError) || error.code !== 'store.manifest-damaged') throw error;
    findings.push({ code: 'manifest.damaged', where: MANIFEST, message: error.message });
  }
  return { manifest, files: manifest?.state === 'sealed' ? manifest.files : null, findings };
}

/** @param onFile is called before each file. */
export async function checkFiles(
  folder: string,
  files: readonly ManifestFile[],
  onFile: (file: ManifestFile) => void,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const say = (code: string, where: string, message: string): void => void findings.push({ code, where, message });
  for (const file of files) {
    onFile(file);
    const { path, bytes, sha256 } = file;
    const size = statInside(folder, path)?.size;
    if (size === undefined) say('manifest.file-missing', path, 'the file is missing');
    else if (size !== bytes) say('manifest.file-size', path, `the file has ${size} bytes, the manifest says ${bytes}`);
    else if ((await hashInside(folder, path)) !== sha256)
      say('manifest.file-changed', path, 'the file was changed after sealing');
  }
  return findings;
}

/** Checks other files in the folder: unexpected files, changed receipts, annotations. @param files null: not sealed */
export async function checkBeside(folder: string, files: readonly ManifestFile[] | null): Promise<Finding[]> {
  const findings: Finding[] = [];
  const listed = files && new Set(files.map(({ path }) => path));
  for (const path of unexpectedFiles(folder, listed))
    findings.push({ code: 'manifest.file-unknown', where: path, message: 'the file is not in the manifest' });
  for (const name of listInside(folder).filter((file) => /^receipt-[^/]+\.json$/.test(file)))
    if (name !== ANNOTATIONS_RECEIPT && !isWholeReceipt(folder, name))
      findings.push({ code: 'receipt.damaged', where: name, message: 'the receipt is damaged' });
  findings.push(...(await checkAnnotations(folder)));
  const copy = readSealReceipt(folder);
  if (copy !== null && files && copy !== manifestText(folder))
    findings.push({
      code: 'manifest.changed',
      where: MANIFEST,
      message: `it differs from the one in ${SEAL_RECEIPT}`,
    });
  return findings;
}

/** Verification receipts of older versions prove nothing and are ignored. */
function isWholeReceipt(folder: string, name: string): boolean {
  if (readSelfChecked(folder, name) !== null) return true;
  const text = readInside(folder, name).toString('utf8');
  return name === 'receipt-verify.json' && !text.includes('"sha256"');
}

const LASTING_FACTS = ['id', 'study'] as const;
const SEALED_FACTS = [
  ...LASTING_FACTS,
  'name',
  'simulated',
  'zeroEngineNs',
  'zeroWallNs',
  'clockEpoch',
  'kit',
  'software',
] as const;

/** Checks the manifest against the index: same session, and every file of the index is listed. */
export function checkAgainstIndex(db: Database, manifest: SessionManifest): Finding[] {
  const findings: Finding[] = [];
  const say = (message: string): void => void findings.push({ code: 'manifest.index', where: MANIFEST, message });
  const meta = metaOf(db);
  // Until sealing, the manifest describes the recorder that last opened the session.
  const names = manifest.state === 'sealed' ? SEALED_FACTS : LASTING_FACTS;
  for (const name of names)
    if (textOf(meta[name]) !== textOf(manifest.meta[name])) say(`its ${name} differs from that in the index`);
  const state = db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').pluck().get() ?? 'created';
  // They are written one after the other; they must agree only in a sealed session.
  if ((state === 'sealed') !== (manifest.state === 'sealed')) say(`it says ${manifest.state}, the index says ${state}`);
  if (manifest.state === 'sealed') for (const { message } of uncovered(db, manifest)) say(message);
  return findings;
}

/** The order of object keys does not matter. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return String(inner);
    if (inner === null || typeof inner !== 'object' || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  }) ?? '';

/** Files in the index that a sealed session's manifest does not list, or lists differently. */
export function uncovered(db: Database, { files }: SessionManifest): { path: string; message: string }[] {
  const listed = new Map(files.map((file) => [file.path, file]));
  const second = readSealedFiles(db);
  const wanted = new Set([INDEX, ...(second ? [COMMIT_LOG, ...second.keys()] : [])]);
  for (const file of db.prepare('SELECT file FROM segment').pluck().all() as string[]) wanted.add(file);
  const found = [...wanted]
    .filter((path) => !listed.has(path))
    .map((path) => ({ path, message: `it does not list ${path}` }));
  for (const [path, { bytes, sha256 }] of second ?? []) {
    const file = listed.get(path);
    if (file && (file.bytes !== bytes || file.sha256 !== sha256))
      found.push({ path, message: `its hash of ${path} differs from that in the index` });
  }
  return found;
}

const manifestText = (folder: string): string | null =>
  existsInside(folder, MANIFEST) ? readInside(folder, MANIFEST).toString('utf8') : null;
