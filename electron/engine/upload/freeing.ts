/**
 * Freeing local space is a deliberate act, and only for a session whose receipt verifies now against the destination. It
 * then goes to the trash with some days of grace; nothing empties that by itself.
 */
import { fieldroomError } from '../../common/errors.ts';
import type { Destination, Proof } from './destination.ts';
import { readSealed } from './manifestReader.ts';
import type { Receipt } from './receipt.ts';

/**
 * Asks the destination for every file of the receipt: by its checksum where its word was good, else by reading back.
 * @throws FieldroomError `upload.receipt-other` when the receipt is not of this session as it is, `upload.not-whole` and others
 */
export async function verifyNow(
  destination: Destination,
  folder: string,
  receipt: Receipt,
  onFile: (path: string) => void,
): Promise<void> {
  const { files, manifest, study, session } = readSealed(folder);
  const all = [...files, manifest];
  const there = new Map([...receipt.files, receipt.manifest].map((file) => [file.path, file]));
  const same = receipt.study === study && receipt.session === session && receipt.manifest.sha256 === manifest.sha256;
  for (const file of all) {
    const received = there.get(file.path);
    if (!same || received?.sha256 !== file.sha256 || received.bytes !== file.bytes)
      throw fieldroomError('upload.receipt-other', { folder });
    onFile(file.path);
    const object = { key: `${study}/${session}/${file.path}`, bytes: file.bytes, sha256: file.sha256 };
    await destination.check(object, received.location, [], received.proof as Proof);
  }
}
