/** All measurements of the publishers' clocks, from which sealing computes the sealed fits. */
import type { Database } from 'better-sqlite3';
import type { FitRow } from './rows.ts';

export interface ClockProbe {
  wave: number;
  /** Sent and received by the engine: session nanoseconds. */
  t0: bigint;
  t3: bigint;
  /** Received and sent by the publisher: its own nanoseconds. */
  t1: number;
  t2: number;
  /** The engine run that measured it; between two runs the engine's clock may have been bridged by wall time. */
  engineRun: number;
}

export interface ClockHistory {
  /** `publisher/epoch`. */
  clock: string;
  probes: ClockProbe[];
  live: FitRow[];
  /** First and last publisher time of data recorded with this clock; null: none. */
  range: { fromNs: number; toNs: number } | null;
}

export function readClocks(db: Database): ClockHistory[] {
  const zeros = new Map(
    (
      db.prepare('SELECT id, zero_engine_ns AS zero FROM engine_run').safeIntegers().all() as {
        id: bigint;
        zero: bigint;
      }[]
    ).map((r) => [Number(r.id), r.zero]),
  );
  const probes = db
    .prepare(
      'SELECT engine_run AS run, wave, t0_engine_ns AS t0, t1_publisher_ns AS t1, t2_publisher_ns AS t2, t3_engine_ns AS t3 FROM probe WHERE clock = ? ORDER BY id',
    )
    .safeIntegers();
  const range = db.prepare(`SELECT min(a) AS fromNs, max(b) AS toNs FROM (
    SELECT min(publisher_ns) AS a, max(publisher_ns) AS b FROM packet WHERE clock = :clock UNION ALL
    SELECT min(min_publisher_ns), max(max_publisher_ns) FROM batch WHERE clock = :clock)`);
  return (db.prepare('SELECT id, name FROM clock ORDER BY id').all() as { id: number; name: string }[]).map(
    ({ id, name }) => {
      const found = range.get({ clock: id }) as { fromNs: number | null; toNs: number | null };
      return {
        clock: name,
        probes: (
          probes.all(id) as {
            run: bigint;
            wave: bigint;
            t0: bigint;
            t1: bigint | number;
            t2: bigint | number;
            t3: bigint;
          }[]
        ).map((p) => {
          const engineRun = Number(p.run);
          const zero = zeros.get(engineRun) ?? 0n;
          return {
            wave: Number(p.wave),
            t0: p.t0 - zero,
            t3: p.t3 - zero,
            t1: Number(p.t1),
            t2: Number(p.t2),
            engineRun,
          };
        }),
        live: readFits(db, id, name).filter((fit) => fit.kind === 'live'),
        range: found.fromNs === null || found.toNs === null ? null : { fromNs: found.fromNs, toNs: found.toNs },
      };
    },
  );
}

/** The fits of one clock in the order they were stored. */
export function readFits(db: Database, id: number, clock: string): FitRow[] {
  type Row = {
    kind: 'live' | 'sealed';
    fromNs: bigint | number;
    toNs: bigint | number | null;
    referenceNs: bigint | number;
    offsetNs: bigint;
    drift: number;
    uncertaintyNs: number;
  };
  const rows = db
    .prepare(
      'SELECT kind, from_ns AS fromNs, to_ns AS toNs, reference_ns AS referenceNs, offset_ns AS offsetNs, drift, uncertainty_ns AS uncertaintyNs FROM fit WHERE clock = ? ORDER BY id',
    )
    .safeIntegers()
    .all(id) as Row[];
  return rows.map((r) => ({
    clock,
    kind: r.kind,
    fromNs: Number(r.fromNs),
    toNs: r.toNs === null ? null : Number(r.toNs),
    referenceNs: Number(r.referenceNs),
    offsetNs: r.offsetNs,
    drift: Number(r.drift),
    uncertaintyNs: Number(r.uncertaintyNs),
  }));
}
