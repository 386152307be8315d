/**
 * Uploads and their progress: `<data>/.fieldroom/uploads.sqlite`. Each part gets a row once the server has confirmed
 * it, so a killed uploader resumes after the last one. Deleting the journal loses no data: uploads start over.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import { type ErrorReport, FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { ManifestFile } from '../../session/format/manifest.ts';
import { isThere } from '../processes.ts';
import type { DestinationSettings, PartRecord, Proof } from './destination.ts';
import {
  type FileRow,
  fileOf,
  type RawFile,
  type RawUpload,
  type UploadProgress,
  type UploadRow,
  type UploadState,
  uploadOf,
} from './journalRows.ts';
import { JOURNAL_MIGRATIONS } from './journalSchema.ts';

export type { FileRow, FileState, UploadProgress, UploadRow, UploadState } from './journalRows.ts';

/** A claim not renewed for this long is void, even if a process with its id exists. */
const CLAIM_MS = 30_000;

const PROGRESS = `
SELECT f.upload AS id, count(*) AS files, sum(f.bytes) AS bytes, sum(f.state = 'verified') AS filesDone,
  sum(CASE WHEN f.state IN ('sent', 'verified') THEN f.bytes ELSE coalesce(p.bytes, 0) END) AS doneBytes
FROM file f LEFT JOIN (
  SELECT file, sum(bytes) AS bytes FROM part
  WHERE file IN (SELECT id FROM file WHERE state NOT IN ('sent', 'verified')) GROUP BY file
) p ON p.file = f.id
WHERE f.path <> 'receipt.json' AND f.path NOT LIKE 'annotations/%'
GROUP BY f.upload`;

export const journalPath = (dataFolder: string): string => join(dataFolder, '.fieldroom', 'uploads.sqlite');

export class Journal {
  readonly #db: Database.Database;

  /**
   * @throws FieldroomError `upload.journal-newer` when a newer version wrote it, `upload.journal` when it cannot be
   * opened
   */
  constructor(path: string) {
    let opened: Database.Database | null = null;
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      opened = new Database(path, { timeout: 10_000 });
      this.#db = opened;
      this.#db.pragma('journal_mode = WAL');
      // Rows lost in a power cut are reconciled with the server; a killed process loses nothing.
      this.#db.pragma('synchronous = NORMAL');
      this.#db.pragma('foreign_keys = ON');
      this.#migrate(path);
    } catch (cause) {
      // Windows can neither move nor delete an open file.
      opened?.close();
      if (cause instanceof FieldroomError) throw cause;
      throw fieldroomError('upload.journal', { path }, { cause });
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Adds a session to the queue; the same session and destination is the same upload and keeps its progress. */
  add(upload: {
    folder: string;
    study: string;
    session: string;
    manifestSha256: string;
    place: string;
    settings: DestinationSettings;
    files: readonly ManifestFile[];
  }): UploadRow {
    const { folder, study, session, manifestSha256, place, settings, files } = upload;
    return this.#db.transaction(() => {
      const before = this.#one('WHERE study = ? AND session = ? AND place = ?', study, session, place);
      if (before && before.manifestSha256 === manifestSha256) {
        this.#run('UPDATE upload SET folder = ? WHERE id = ?', folder, before.id);
        this.setSettings(before.id, settings);
        return this.upload(before.id);
      }
      if (before) this.#run('DELETE FROM upload WHERE id = ?', before.id);
      const { lastInsertRowid } = this.#run(
        `INSERT INTO upload (folder, study, session, manifest_sha256, place, destination, state, position, added_ms)
         VALUES (?, ?, ?, ?, ?, ?, 'queued', (SELECT coalesce(max(position), 0) + 1 FROM upload), ?)`,
        ...[folder, study, session, manifestSha256, place, JSON.stringify(settings), Date.now()],
      );
      const insert = this.#db.prepare(
        "INSERT INTO file (upload, path, bytes, sha256, state) VALUES (?, ?, ?, ?, 'pending')",
      );
      for (const file of files) insert.run(lastInsertRowid, file.path, file.bytes, file.sha256);
      return this.upload(Number(lastInsertRowid));
    })();
  }

  /** All uploads: pending ones in order, then the history, latest first. */
  uploads(): UploadRow[] {
    return this.#many(
      "ORDER BY state IN ('done', 'freed'), CASE WHEN state IN ('done', 'freed') THEN -ended_ms ELSE position END",
    );
  }

  /** @throws FieldroomError `upload.unknown` */
  upload(id: number): UploadRow {
    const row = this.#one('WHERE id = ?', id);
    if (!row) throw fieldroomError('upload.unknown', { id });
    return row;
  }

  /** The upload of a session to a destination, if any. */
  find(study: string, session: string, place: string): UploadRow | null {
    return this.#one('WHERE study = ? AND session = ? AND place = ?', study, session, place);
  }

  /** Progress of each upload by its id. The manifest and the files that it lists are counted. */
  progress(): Map<number, UploadProgress> {
    const rows = this.#db.prepare(PROGRESS).all() as (UploadProgress & { id: number })[];
    return new Map(rows.map(({ id, ...progress }) => [id, progress]));
  }

  /** Removes an upload and its progress from the queue or the history. */
  remove(id: number): void {
    this.#run('DELETE FROM upload WHERE id = ?', id);
  }

  /** @throws FieldroomError `upload.in-work` when another running process has it */
  claim(id: number, pid: number = process.pid): void {
    this.#db
      .transaction(() => {
        const owner = this.#db.prepare('SELECT owner_pid FROM upload WHERE id = ?').pluck().get(id) as number | null;
        if (owner !== pid && this.isInWork(id)) throw fieldroomError('upload.in-work', { pid: owner });
        this.#run('UPDATE upload SET owner_pid = ?, owner_ms = ? WHERE id = ?', pid, Date.now(), id);
      })
      .immediate();
  }

  release(id: number): void {
    this.#run('UPDATE upload SET owner_pid = NULL WHERE id = ? AND owner_pid = ?', id, process.pid);
  }

  setState(id: number, state: UploadState, error: ErrorReport | null = null): void {
    const ended = state === 'done' || state === 'failed' ? Date.now() : null;
    this.#run(
      'UPDATE upload SET state = ?, error = ?, ended_ms = coalesce(?, ended_ms) WHERE id = ?',
      ...[state, error && JSON.stringify(error), ended, id],
    );
  }

  setSettings(id: number, settings: DestinationSettings): void {
    this.#run('UPDATE upload SET destination = ? WHERE id = ?', JSON.stringify(settings), id);
  }

  /** Whether a process is working on this upload. A killed one is not, whatever the state says. */
  isInWork(id: number): boolean {
    const owner = this.#db.prepare('SELECT owner_pid AS pid, owner_ms AS ms FROM upload WHERE id = ?').get(id) as
      | { pid: number | null; ms: number | null }
      | undefined;
    return !!owner?.pid && Date.now() - (owner.ms ?? 0) < CLAIM_MS && isThere(owner.pid);
  }

  /** Moves these to the front, in this order; the others keep their order. */
  order(ids: readonly number[]): void {
    this.#db.transaction(() => {
      this.#run('UPDATE upload SET position = position + ?', ids.length + 1);
      for (const [i, id] of ids.entries()) this.#run('UPDATE upload SET position = ? WHERE id = ?', i + 1, id);
    })();
  }

  addWireBytes(id: number, bytes: number): void {
    this.#run('UPDATE upload SET wire_bytes = wire_bytes + ?, owner_ms = ? WHERE id = ?', bytes, Date.now(), id);
  }

  files(upload: number): FileRow[] {
    const rows = this.#db.prepare('SELECT * FROM file WHERE upload = ? ORDER BY id').all(upload) as RawFile[];
    return rows.map(fileOf);
  }

  file(upload: number, path: string): FileRow | null {
    const row = this.#db.prepare('SELECT * FROM file WHERE upload = ? AND path = ?').get(upload, path);
    return row ? fileOf(row as RawFile) : null;
  }

  /** A file that the manifest does not list: the manifest itself, annotations, the receipt. Replaces an earlier one. */
  putFile(upload: number, { path, bytes, sha256 }: ManifestFile): FileRow {
    const before = this.file(upload, path);
    if (before?.sha256 === sha256) return before;
    if (before) this.#run('DELETE FROM file WHERE id = ?', before.id);
    this.#run(
      "INSERT INTO file (upload, path, bytes, sha256, state) VALUES (?, ?, ?, ?, 'pending')",
      upload,
      path,
      bytes,
      sha256,
    );
    return this.file(upload, path) as FileRow;
  }

  parts(file: number): PartRecord[] {
    return this.#db
      .prepare('SELECT number, bytes, sha256, tag FROM part WHERE file = ? ORDER BY number')
      .all(file) as PartRecord[];
  }

  /** Bytes whose parts the server has confirmed, of files that are not complete there yet. */
  confirmedBytes(upload: number): number {
    return this.#db
      .prepare(
        `SELECT coalesce(sum(p.bytes), 0) FROM part p JOIN file f ON f.id = p.file
         WHERE f.upload = ? AND f.state NOT IN ('sent', 'verified')`,
      )
      .pluck()
      .get(upload) as number;
  }

  begun(file: number, serverId: string, partBytes: number): void {
    this.#db.transaction(() => {
      this.#run('DELETE FROM part WHERE file = ?', file);
      this.#run(
        "UPDATE file SET state = 'sending', server_id = ?, part_bytes = ? WHERE id = ?",
        serverId,
        partBytes,
        file,
      );
    })();
  }

  confirmed(file: number, { number, bytes, sha256, tag }: PartRecord): void {
    this.#run('INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?)', file, number, bytes, sha256, tag, Date.now());
  }

  /** The server lost a part, or never had it. */
  lost(file: number, number: number): void {
    this.#run('DELETE FROM part WHERE file = ? AND number = ?', file, number);
  }

  /** The next request asks the server to assemble the object; if this process is killed now, that may have happened. */
  completing(file: number): void {
    this.#run("UPDATE file SET state = 'completing' WHERE id = ?", file);
  }

  sent(file: number, location: string): void {
    this.#run("UPDATE file SET state = 'sent', location = ? WHERE id = ?", location, file);
  }

  verified(file: number, proof: Proof, fingerprint: string | null): void {
    this.#run(
      "UPDATE file SET state = 'verified', proof = ?, fingerprint = ? WHERE id = ?",
      ...[JSON.stringify(proof), fingerprint, file],
    );
  }

  /** Discards the proofs of an earlier run: each file must be verified again in this run. */
  unprove(upload: number): void {
    this.#run("UPDATE file SET state = 'sent' WHERE upload = ? AND state = 'verified'", upload);
  }

  /** Discards this file's progress: it starts over. */
  forget(file: number): void {
    this.#db.transaction(() => {
      this.#run('DELETE FROM part WHERE file = ?', file);
      this.#run(
        "UPDATE file SET state = 'pending', server_id = NULL, part_bytes = NULL, location = NULL, proof = NULL, fingerprint = NULL WHERE id = ?",
        file,
      );
    })();
  }

  #run(sql: string, ...values: unknown[]): Database.RunResult {
    return this.#db.prepare(sql).run(...values);
  }

  #many(tail: string, ...values: unknown[]): UploadRow[] {
    return (this.#db.prepare(`SELECT * FROM upload ${tail}`).all(...values) as RawUpload[]).map(uploadOf);
  }

  #one(tail: string, ...values: unknown[]): UploadRow | null {
    return this.#many(tail, ...values)[0] ?? null;
  }

  #migrate(path: string): void {
    const version = this.#db.pragma('user_version', { simple: true }) as number;
    const known = JOURNAL_MIGRATIONS.at(-1)?.version ?? 0;
    if (version > known) throw fieldroomError('upload.journal-newer', { path }, { data: { found: version, known } });
    for (const step of JOURNAL_MIGRATIONS.filter((m) => m.version > version))
      this.#db
        .transaction(() => {
          // Another process may have created it meanwhile.
          if ((this.#db.pragma('user_version', { simple: true }) as number) >= step.version) return;
          this.#db.exec(step.sql);
          this.#db.pragma(`user_version = ${step.version}`);
        })
        .immediate();
  }
}
