import type { SessionSummary } from '../../common/door.ts';
import { SessionReader } from '../store/sessionReader.ts';

/**
 * The figures of a session, finished or still being recorded.
 * @throws FieldroomError `store.*` when the folder holds no session
 */
export function summarize(folder: string): SessionSummary {
  const reader = new SessionReader(folder);
  try {
    return reader.summary();
  } finally {
    reader.close();
  }
}
