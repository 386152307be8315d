import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../../common/errors.ts';
import { initial } from './0010-initial.ts';
import { deviceFit } from './0020-device-fit.ts';
import { packetRows } from './0021-packet-row-checksum.ts';
import { labViews } from './0022-lab-views.ts';
import { arrivalBounds } from './0030-arrival-bounds.ts';
import { evidence } from './0031-evidence.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [initial, deviceFit, packetRows, labViews, arrivalBounds, evidence];
export const SCHEMA_VERSION = (MIGRATIONS.at(-1) as Migration).version;

/** @throws FieldroomError `store.newer` if a newer version wrote the index. */
export function checkVersion(db: Database, where: string): number {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > SCHEMA_VERSION) {
    throw fieldroomError(
      'store.newer:index',
      { where, version, SCHEMAVERSION: SCHEMA_VERSION },
      { data: { found: version, known: SCHEMA_VERSION } },
    );
  }
  return version;
}

/** Brings the index to this program's schema, each step in its own transaction. */
export function migrate(db: Database, where: string): void {
  const from = checkVersion(db, where);
  for (const migration of MIGRATIONS.filter((m) => m.version > from)) {
    db.transaction(() => {
      db.exec(migration.sql);
      db.pragma(`user_version = ${migration.version}`);
    })();
  }
}
