/** A consistent copy of the annotations added after sealing, for uploads. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { existsInside } from './folder/files.ts';
import { openDatabase } from './folder/indexFile.ts';
import { diskError } from './format/diskErrors.ts';
import { ANNOTATIONS } from './format/names.ts';

export interface AnnotationsCopy {
  /** Rises with every change. */
  revision: number;
  /** The whole database file. */
  bytes: Buffer;
  /** Hexadecimal. */
  sha256: string;
}

/** Offset of the change counter in a SQLite file (https://www.sqlite.org/fileformat2.html section 1.3.7). */
const CHANGE_COUNTER_AT = 24;

/** @returns null if there are none. @throws FieldroomError `store.*` */
export function copyAnnotations(folder: string): AnnotationsCopy | null {
  if (!existsInside(folder, ANNOTATIONS)) return null;
  try {
    const db = openDatabase(folder, ANNOTATIONS, { mode: 'read' });
    try {
      const bytes = db.serialize();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { revision: bytes.readUInt32BE(CHANGE_COUNTER_AT), bytes, sha256 };
    } finally {
      db.close();
    }
  } catch (cause) {
    throw diskError(cause, join(folder, ANNOTATIONS), 'read');
  }
}

/** The name of annotations at a destination; readable and never used twice. */
export const annotationsPath = ({ revision, sha256 }: Pick<AnnotationsCopy, 'revision' | 'sha256'>): string =>
  `annotations/r${String(revision).padStart(6, '0')}-${sha256.slice(0, 8)}.sqlite`;
