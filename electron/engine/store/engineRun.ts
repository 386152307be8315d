/** A row in the index for each time a recorder opens the session. */
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import type { IndexWriter } from '../../session/format/indexWriter.ts';
import { type LifecycleState, nowWallNs, type SessionMeta } from '../../session/format/rows.ts';

export interface EngineRun {
  id: number;
  /** The state it was left in. */
  state: LifecycleState;
  /** Media files listed in the index. */
  indexedFiles: ReadonlySet<string>;
}

/** @throws FieldroomError `store.other-session`, `store.sealing` */
export function beginRun(db: Database, index: IndexWriter, folder: string, meta: SessionMeta): EngineRun {
  const known = db.prepare('SELECT id FROM session').pluck().get() as string | undefined;
  if (known !== undefined && known !== meta.id) {
    throw fieldroomError('store.other-session', { folder, known, id: meta.id });
  }
  const last = db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').pluck();
  const state = (last.get() ?? 'created') as LifecycleState;
  if (state === 'sealing' || state === 'sealed') {
    throw fieldroomError('store.sealing', { folder });
  }
  index.transaction(() => {
    if (known === undefined) {
      index.session(meta);
      index.insert('lifecycle', { state: 'created', at_ns: 0, wall_ns: nowWallNs(), detail: '' });
    }
    index.insert('engine_run', {
      clock_epoch: meta.clockEpoch,
      zero_engine_ns: meta.zeroEngineNs,
      zero_wall_ns: meta.zeroWallNs,
      software: JSON.stringify(meta.software),
    });
  });
  const id = db.prepare('SELECT max(id) FROM engine_run').pluck().get() as number;
  return { id, state, indexedFiles: new Set(db.prepare('SELECT file FROM segment').pluck().all() as string[]) };
}
