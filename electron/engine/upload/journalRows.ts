/** Rows of the journal: as stored in SQLite, and as used in code. */
import type { ErrorReport } from '../../common/errors.ts';
import type { DestinationSettings, Proof } from './destination.ts';

export type UploadState = 'queued' | 'running' | 'waiting' | 'paused' | 'done' | 'failed' | 'freed';
export type FileState = 'pending' | 'sending' | 'completing' | 'sent' | 'verified';

export interface UploadRow {
  id: number;
  folder: string;
  study: string;
  session: string;
  manifestSha256: string;
  place: string;
  settings: DestinationSettings;
  state: UploadState;
  addedMs: number;
  endedMs: number | null;
  error: ErrorReport | null;
  wireBytes: number;
}

export interface FileRow {
  id: number;
  path: string;
  bytes: number;
  sha256: string;
  state: FileState;
  serverId: string | null;
  partBytes: number | null;
  location: string | null;
  proof: Proof | null;
  /** Of the object when it was verified (`Destination.fingerprint`). */
  fingerprint: string | null;
}

/** Progress of an upload: of the manifest and the files that it lists. */
export interface UploadProgress {
  files: number;
  filesDone: number;
  bytes: number;
  /** Confirmed by the destination. */
  doneBytes: number;
}

export interface RawUpload {
  id: number;
  folder: string;
  study: string;
  session: string;
  manifest_sha256: string;
  place: string;
  destination: string;
  state: UploadState;
  added_ms: number;
  ended_ms: number | null;
  error: string | null;
  wire_bytes: number;
}

export interface RawFile {
  id: number;
  path: string;
  bytes: number;
  sha256: string;
  state: FileState;
  server_id: string | null;
  part_bytes: number | null;
  location: string | null;
  proof: string | null;
  fingerprint: string | null;
}

export const uploadOf = (row: RawUpload): UploadRow => ({
  ...{ id: row.id, folder: row.folder, study: row.study, session: row.session, place: row.place, state: row.state },
  manifestSha256: row.manifest_sha256,
  settings: JSON.parse(row.destination) as DestinationSettings,
  addedMs: row.added_ms,
  endedMs: row.ended_ms,
  error: row.error === null ? null : (JSON.parse(row.error) as ErrorReport),
  wireBytes: row.wire_bytes,
});

export const fileOf = (row: RawFile): FileRow => ({
  ...{ id: row.id, path: row.path, bytes: row.bytes, sha256: row.sha256, state: row.state, location: row.location },
  serverId: row.server_id,
  partBytes: row.part_bytes,
  proof: row.proof === null ? null : (JSON.parse(row.proof) as Proof),
  fingerprint: row.fingerprint,
});
