import { basename } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import type { SessionSummary } from '../../common/sessionSummary.ts';
import { readManifest } from '../../session/format/manifest.ts';
import { sessionFolders } from '../../session/read/sessionFolders.ts';
import { SessionReader } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';

/**
 * The figures of a session, finished or still being recorded.
 * @throws FieldroomError `store.*` when the folder does not contain a session
 */
export function summarizeFolder(folder: string): SessionSummary {
  const reader = new SessionReader(folder);
  try {
    return summarize(reader);
  } finally {
    reader.close();
  }
}

/** The figures of a session of this data folder that is sealed. @throws FieldroomError `session.unknown` */
export function summaryOf(dataFolder: string, id: string): SessionSummary {
  const folder = sessionFolders(dataFolder).find((one) => basename(one) === id);
  if (!folder || readManifest(folder)?.state !== 'sealed') throw fieldroomError('session.unknown', { id });
  return summarizeFolder(folder);
}
