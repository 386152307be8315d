/** The lab's side: a received session is checked, or fetched, by its manifest alone, without the appliance. */
import { hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { Finding } from '../../session/check/finding.ts';
import { hashInside } from '../../session/folder/files.ts';
import { replaceFile } from '../../session/folder/replaceFile.ts';
import { writeWhole } from '../../session/folder/writeWhole.ts';
import { MANIFEST, type ManifestFile, parseManifest } from '../../session/format/manifest.ts';
import { ANNOTATIONS } from '../../session/format/names.ts';
import { type Destination, type Proof, REMOTE_RECEIPT } from './destination.ts';
import { filePath } from './manifestReader.ts';
import { chunksOf, readAll, readBack } from './readBack.ts';
import { parseReceipt, type Receipt } from './receipt.ts';
import type { Retrier } from './retry.ts';
import { trouble } from './uploadErrors.ts';

const AT_ONCE = 4;

export interface ReceivedFile extends ManifestFile {
  location: string;
  proof?: Proof;
}

/** A session at a destination. */
export interface Received {
  study: string;
  session: string;
  /** The bytes of its manifest there. */
  manifest: Buffer;
  files: ReceivedFile[];
  /** The annotations at the last upload; null: none. */
  annotations: ReceivedFile | null;
}

/** Reads the manifest at `<at>/manifest.json`. @throws FieldroomError `upload.not-complete` when there is none */
export async function openReceived(destination: Destination): Promise<Received> {
  const manifest = await readAll(destination, MANIFEST).catch((error: unknown) => {
    if (!(error instanceof FieldroomError) || error.code !== 'upload.not-there') throw error;
    throw fieldroomError('upload.not-complete', { place: destination.place }, { cause: error });
  });
  const { meta, files } = parseManifest(manifest.toString('utf8'), `${destination.place}/${MANIFEST}`);
  return {
    study: meta.study,
    session: meta.id,
    manifest,
    files: files.map((file) => ({ ...file, location: file.path })),
    annotations: await annotationsBeside(destination, manifest),
  };
}

/** From the receipt beside a manifest; a damaged one or one of another revision is ignored. */
async function annotationsBeside(destination: Destination, manifest: Buffer): Promise<ReceivedFile | null> {
  try {
    const { manifest: own, annotations } = await readReceiptAt(destination, REMOTE_RECEIPT);
    if (!annotations || own.sha256 !== hash('sha256', manifest, 'hex')) return null;
    return { ...annotations, location: annotations.path, proof: annotations.proof as Proof };
  } catch (error) {
    const code = error instanceof FieldroomError ? error.code : '';
    if (code === 'upload.not-there' || code === 'upload.receipt-damaged') return null;
    throw error;
  }
}

/** From its receipt, if the server chooses file names (tus). */
export async function openByReceipt(destination: Destination, receipt: Receipt): Promise<Received> {
  const { manifest, files, study, session } = receipt;
  const bytes = await readAll(destination, manifest.location);
  const own = parseManifest(bytes.toString('utf8'), manifest.location);
  const at = new Map(files.map((file) => [file.path, file]));
  const listed = own.files.map((file) => {
    const there = at.get(file.path);
    if (!there) throw trouble('not-there', destination.place, `the receipt does not name ${file.path}`);
    return { ...file, location: there.location, proof: there.proof as Proof };
  });
  const annotations = receipt.annotations
    ? { ...receipt.annotations, proof: receipt.annotations.proof as Proof }
    : null;
  return { study, session, manifest: bytes, files: listed, annotations };
}

export async function readReceiptAt(destination: Destination, location: string): Promise<Receipt> {
  return parseReceipt((await readAll(destination, location)).toString('utf8'), location);
}

/** @param onBytes called with the number of bytes read */
export async function checkReceived(
  destination: Destination,
  received: Received,
  retrier: Retrier,
  onBytes: (bytes: number) => void,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  await each([...received.files, ...(received.annotations ? [received.annotations] : [])], async (file) => {
    try {
      await retrier.retry(() => readBack(destination, objectOf(file), file.location, onBytes));
    } catch (error) {
      const known = error instanceof FieldroomError ? WORDS[error.code] : undefined;
      if (!known) throw error;
      findings.push({ ...known, where: file.path });
    }
  });
  return findings.sort((a, b) => (a.where < b.where ? -1 : 1));
}

const WORDS: Record<string, { code: string; message: string }> = {
  'upload.not-there': { code: 'received.file-missing', message: 'the file is missing' },
  'upload.not-whole': { code: 'received.file-changed', message: 'the file is not the one of the manifest' },
  'upload.broken-off': { code: 'received.file-short', message: 'the file has fewer bytes than the manifest says' },
};

/**
 * Brings a session back into `<into>/<study>/<session>`; the manifest comes last, as in an upload. Complete files that
 * already exist are not fetched again.
 * @returns the folder
 */
export async function fetchReceived(
  destination: Destination,
  received: Received,
  into: string,
  retrier: Retrier,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const folder = join(into, safeName(received.study), safeName(received.session));
  await mkdir(folder, { recursive: true });
  const own = received.annotations ? [{ ...received.annotations, path: ANNOTATIONS }] : [];
  await each([...received.files, ...own], async (file) => {
    const to = filePath(folder, file.path);
    if (
      (await stat(to).catch(() => null))?.size === file.bytes &&
      (await hashInside(folder, file.path)) === file.sha256
    )
      return onBytes(file.bytes);
    if (file.path === ANNOTATIONS && (await stat(to).catch(() => null)))
      throw fieldroomError('upload.annotations-differ', { to });
    await mkdir(dirname(to), { recursive: true });
    await retrier.retry(() => fetchFile(destination, file, to, onBytes));
  });
  writeWhole(join(folder, MANIFEST), received.manifest);
  return folder;
}

async function fetchFile(
  destination: Destination,
  file: ReceivedFile,
  to: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const temporary = `${to}.fetching`;
  const source = await destination.read(file.location);
  await pipeline(async function* () {
    for await (const chunk of chunksOf(source, destination.place)) {
      onBytes(chunk.length);
      yield chunk;
    }
  }, createWriteStream(temporary));
  const { size } = await stat(temporary);
  if (size < file.bytes) throw trouble('broken-off', destination.place, `${file.path}: ${size} of ${file.bytes} bytes`);
  if ((await hashInside(dirname(temporary), basename(temporary))) !== file.sha256)
    throw trouble('not-whole', destination.place, file.path);
  const handle = await open(temporary, 'r+');
  await handle.sync();
  await handle.close();
  replaceFile(temporary, to);
}

const objectOf = ({ path, bytes, sha256 }: ReceivedFile): { key: string; bytes: number; sha256: string } => ({
  key: path,
  bytes,
  sha256,
});

/** A name from a foreign manifest, checked for use as a folder name. @throws FieldroomError `store.manifest-damaged` */
function safeName(name: string): string {
  if (/^[^/\\]+$/.test(name) && name !== '.' && name !== '..') return name;
  throw fieldroomError('store.manifest-damaged:names', { name });
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
