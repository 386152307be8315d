/** Queues a sealed session for one destination. */
import type { DestinationSettings } from './destination.ts';
import { placeOf } from './destinationNames.ts';
import { setUpFolder } from './folderMarker.ts';
import type { Journal, UploadRow } from './journal.ts';
import { readSealed } from './manifestReader.ts';

/** @throws FieldroomError when the folder is not a sealed session, or its files differ from the manifest */
export function queueSession(journal: Journal, folder: string, settings: DestinationSettings): UploadRow {
  const { study, session, files, manifest } = readSealed(folder);
  const place = placeOf(settings);
  return journal.add({
    ...{ folder, study, session, place, files: [...files, manifest] },
    manifestSha256: manifest.sha256,
    settings: withKnownId(journal, place, settings),
  });
}

/**
 * A folder that was set up before is recognised by its id; the first upload to a folder sets it up.
 * @throws FieldroomError `upload.no-folder`
 */
export async function setUpDestination(journal: Journal, settings: DestinationSettings): Promise<DestinationSettings> {
  const known = withKnownId(journal, placeOf(settings), settings);
  return known.kind === 'folder' && known.id === undefined ? await setUpFolder(known) : known;
}

/** The folder's id from an earlier upload; without it an empty mount point would look like a new destination. */
function withKnownId(journal: Journal, place: string, settings: DestinationSettings): DestinationSettings {
  if (settings.kind !== 'folder' || settings.id !== undefined) return settings;
  for (const row of journal.uploads())
    if (row.place === place && row.settings.kind === 'folder' && row.settings.id !== undefined)
      return { ...settings, id: row.settings.id };
  return settings;
}
