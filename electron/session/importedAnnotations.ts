/**
 * Annotations from other programs, in `annotations.sqlite`: spans of session time with a text, by tier. A later file of
 * the same name replaces the earlier one's annotations, which stay readable.
 */
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../common/errors.ts';
import { changeAnnotations, readAnnotations } from './annotations.ts';
import { diskError } from './format/diskErrors.ts';
import { ANNOTATIONS } from './format/names.ts';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS annotation_import (
  id INTEGER PRIMARY KEY, file TEXT NOT NULL, format TEXT NOT NULL, sha256 TEXT NOT NULL, author TEXT NOT NULL,
  made_wall_ms INTEGER NOT NULL, replaced INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS annotation (
  id INTEGER PRIMARY KEY, import INTEGER NOT NULL REFERENCES annotation_import, tier TEXT NOT NULL, participant TEXT NOT NULL,
  from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL, text TEXT NOT NULL
);
CREATE VIEW IF NOT EXISTS annotation_now AS SELECT a.id, i.file, i.author, a.tier, a.participant, a.from_ns, a.to_ns, a.text
FROM annotation a JOIN annotation_import i ON i.id = a.import AND i.replaced = 0;`;

export interface Annotation {
  tier: string;
  participant: string;
  /** Session nanoseconds. */
  fromNs: number;
  toNs: number;
  text: string;
}

export interface AnnotationBatch {
  file: string;
  format: string;
  sha256: string;
  author: string;
  annotations: readonly Annotation[];
}

/** @throws FieldroomError `import.same-file` if the same file was imported before; `store.*` */
export function storeAnnotations(folder: string, batch: AnnotationBatch): { replaced: boolean } {
  const { file, format, sha256, author, annotations } = batch;
  return changeAnnotations(folder, (db) => {
    db.exec(SCHEMA);
    const before = db.prepare('SELECT sha256 FROM annotation_import WHERE file = ? AND replaced = 0').pluck().get(file);
    if (before === sha256) throw fieldroomError('import.same-file', { file });
    db.prepare('UPDATE annotation_import SET replaced = 1 WHERE file = ?').run(file);
    const { lastInsertRowid } = db
      .prepare('INSERT INTO annotation_import (file, format, sha256, author, made_wall_ms) VALUES (?, ?, ?, ?, ?)')
      .run(file, format, sha256, author, Date.now());
    const insert = db.prepare(
      'INSERT INTO annotation (import, tier, participant, from_ns, to_ns, text) VALUES (?, ?, ?, ?, ?, ?)',
    );
    for (const { tier, participant, fromNs, toNs, text } of annotations)
      insert.run(lastInsertRowid, tier, participant, Math.round(fromNs), Math.round(toNs), text);
    return { replaced: before !== undefined };
  });
}

/** The current annotations, by time. @throws FieldroomError `store.*` */
export function importedAnnotations(folder: string): Annotation[] {
  const read = (db: Database): Annotation[] =>
    db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'annotation_now'").get() === undefined
      ? []
      : (db
          .prepare(
            'SELECT tier, participant, from_ns AS fromNs, to_ns AS toNs, text FROM annotation_now ORDER BY from_ns, id',
          )
          .all() as Annotation[]);
  try {
    return readAnnotations(folder, read) ?? [];
  } catch (cause) {
    throw diskError(cause, join(folder, ANNOTATIONS), 'read');
  }
}
