/** The tables of `uploads.sqlite`, as migration steps; a released step is never edited. */
export const JOURNAL_MIGRATIONS: readonly { version: number; sql: string }[] = [
  {
    version: 10,
    sql: `
-- One session on its way to one destination. No secret is in any table.
CREATE TABLE upload (
  id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL,               -- of the session, on this machine
  study TEXT NOT NULL,
  session TEXT NOT NULL,
  manifest_sha256 TEXT NOT NULL,
  place TEXT NOT NULL,                -- the destination in words, e.g. s3://bucket/prefix at https://host
  destination TEXT NOT NULL,          -- its settings as JSON
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'waiting', 'paused', 'done', 'failed', 'freed')),
  position INTEGER NOT NULL,          -- lower goes first
  added_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  error TEXT,                         -- report as JSON: why it waits or failed
  owner_pid INTEGER,                  -- the process at work
  owner_ms INTEGER,                   -- when that last said so
  wire_bytes INTEGER NOT NULL DEFAULT 0,
  UNIQUE (study, session, place)
);
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  upload INTEGER NOT NULL REFERENCES upload ON DELETE CASCADE,
  path TEXT NOT NULL,                 -- from the session's folder, with /
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'completing', 'sent', 'verified')),
  server_id TEXT,                     -- multipart upload id, tus address, name of the temporary file
  part_bytes INTEGER,
  location TEXT,                      -- where it is when it is there: key, path or address
  proof TEXT,                         -- how it was verified, as JSON
  UNIQUE (upload, path)
);
CREATE TABLE part (
  file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE,
  number INTEGER NOT NULL,            -- from 1
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,               -- kept here: some servers neither return it nor complete without it
  tag TEXT NOT NULL,                  -- the server's name for it
  confirmed_ms INTEGER NOT NULL,
  PRIMARY KEY (file, number)
) WITHOUT ROWID;
`,
  },
  {
    version: 11,
    sql: `ALTER TABLE file ADD COLUMN fingerprint TEXT; -- of the object at the destination when it was proven`,
  },
];
