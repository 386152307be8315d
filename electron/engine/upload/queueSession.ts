/** Puts a sealed session into the queue for one destination. */
import type { DestinationSettings } from './destination.ts';
import { placeOf } from './destinationNames.ts';
import type { Journal, UploadRow } from './journal.ts';
import { readSealed } from './manifestReader.ts';

/** @throws FieldroomError when the folder holds no sealed session, or its files are not those of the manifest */
export function queueSession(journal: Journal, folder: string, settings: DestinationSettings): UploadRow {
  const { study, session, files, manifest } = readSealed(folder);
  return journal.add({
    folder,
    study,
    session,
    manifestSha256: manifest.sha256,
    place: placeOf(settings),
    settings,
    files,
  });
}
