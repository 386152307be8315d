import type { Database } from 'better-sqlite3';
import type { SessionMeta } from './rows.ts';

/** The session's description in the index, so that a lost or damaged manifest does not matter. */
export function metaOf(db: Database): SessionMeta {
  const row = db.prepare('SELECT * FROM session').safeIntegers().get() as Record<string, string | bigint>;
  return {
    id: row.id as string,
    study: row.study as string,
    name: row.name as string,
    zeroEngineNs: BigInt(row.zero_engine_ns as bigint),
    zeroWallNs: BigInt(row.zero_wall_ns as bigint),
    clockEpoch: row.clock_epoch as string,
    kit: JSON.parse(row.kit as string) as unknown,
    software: JSON.parse(row.software as string) as SessionMeta['software'],
    simulated: row.simulated === 1n,
  };
}
