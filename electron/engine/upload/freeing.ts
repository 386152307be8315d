/**
 * Freeing local space is a deliberate act, and only for a session that is verified at the destination now. The session
 * is then moved to the trash with some days of grace; the trash is never emptied automatically.
 */
import { fieldroomError } from '../../common/errors.ts';
import { copyAnnotations } from '../../session/annotationsCopy.ts';
import type { Destination, Proof } from './destination.ts';
import { type CopyRisks, requireOtherDisk } from './folderKind.ts';
import { readSealed } from './manifestReader.ts';
import { readBack } from './readBack.ts';
import type { Receipt, ReceiptFile } from './receipt.ts';

export interface ProofOptions extends CopyRisks {
  /** Trust the checksum that a server stored when the file was uploaded, instead of reading the file. */
  trustChecksums?: boolean;
  onProgress?: (done: { path: string; doneBytes: number; totalBytes: number }) => void;
}

/**
 * Reads every file of a session from the destination and compares it with the local manifest.
 * @throws FieldroomError `upload.receipt-other` when the receipt does not match the session's current state, `upload.unsent-changes`
 * when people changed something after the upload, `upload.not-whole`, `upload.same-disk` and others
 */
export async function proveCopy(
  destination: Destination,
  folder: string,
  receipt: Receipt,
  options: ProofOptions = {},
): Promise<void> {
  const { settings } = destination;
  if (settings.kind === 'folder') requireOtherDisk(folder, settings.path, options);
  const files = filesToProve(folder, receipt);
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let doneBytes = 0;
  for (const { path, bytes, sha256, location, proof } of files) {
    const object = { key: `${receipt.study}/${receipt.session}/${path}`, bytes, sha256 };
    const before = doneBytes;
    options.onProgress?.({ path, doneBytes, totalBytes });
    if (options.trustChecksums) await destination.check(object, location, [], proof as Proof);
    else
      await readBack(destination, object, location, (count) => {
        doneBytes += count;
        options.onProgress?.({ path, doneBytes, totalBytes });
      });
    doneBytes = before + bytes;
  }
}

/** Each local file of the session, with its location at the destination. */
function filesToProve(folder: string, receipt: Receipt): ReceiptFile[] {
  const { files, manifest, study, session } = readSealed(folder);
  const there = new Map([...receipt.files, receipt.manifest].map((file) => [file.path, file]));
  const other = (): Error => fieldroomError('upload.receipt-other', { folder });
  if (receipt.study !== study || receipt.session !== session || receipt.manifest.sha256 !== manifest.sha256)
    throw other();
  const all = [...files, manifest].map((file) => {
    const received = there.get(file.path);
    if (received?.sha256 !== file.sha256 || received.bytes !== file.bytes) throw other();
    return received;
  });
  const annotations = copyAnnotations(folder);
  if (annotations === null) return all;
  if (receipt.annotations?.sha256 !== annotations.sha256) throw fieldroomError('upload.unsent-changes');
  return [...all, receipt.annotations];
}
