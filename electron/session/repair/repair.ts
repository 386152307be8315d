/**
 * Repairs a session that was not sealed: checks index and media against each other. Only data with a valid checksum
 * stays in the index; everything removed is recorded as a gap with the cause `damaged`, and in an event, the recovery
 * note. Repeating it changes nothing more.
 *
 * The index changes first, each file after it: a crash in between leaves blocks that are not in the index, which the
 * next repair removes.
 */

import type { Database } from 'better-sqlite3';
import type { SampleStream, Stream } from '../../common/stream.ts';
import { commitsOf, hasEvidence } from '../check/evidenceCheck.ts';
import type { Finding } from '../check/finding.ts';
import { checkMedia, type MediaCheck, type SegmentInfo } from '../check/mediaCheck.ts';
import { checkPlots, rebuildPlots } from '../check/plotCheck.ts';
import { checkBatches } from '../check/sampleCheck.ts';
import { checkSequence, repairSequence } from '../check/sequenceCheck.ts';
import { existsInside, removeInside, sizeInside } from '../folder/files.ts';
import type { CommitLog } from '../format/commitLog.ts';
import { IndexWriter } from '../format/indexWriter.ts';
import { COMMIT_LOG } from '../format/names.ts';
import { type SampleColumn, sampleColumns, samplesTable } from '../format/sampleTable.ts';
import { mediaFiles } from '../format/sessionFolder.ts';
import { streamsOf } from '../format/streamsOf.ts';
import { TICK_NS } from '../matroska/mkvHeader.ts';
import { ackedTimes, type DroppedRun, removeRows, rowTimes, runsOf, tellDropped } from './dropped.ts';
import { appendRepair, catchUp, goneOf, rewriteLog } from './evidenceRepair.ts';
import { cutTail, setAside, voidRegions } from './mediaRepair.ts';

/** @param doneBytes of all media files. */
export type OnRepair = (file: string, doneBytes: number, totalBytes: number) => void;

export interface Repaired {
  /** All problems found; all are repaired, except in the structure of the media. */
  findings: Finding[];
  /** The current files, by segment. */
  segments: { segment: SegmentInfo; check: MediaCheck }[];
}

interface Bench {
  folder: string;
  db: Database;
  index: IndexWriter;
  streams: Map<number, Stream>;
  findings: Finding[];
  part: 'repair' | 'seal';
  /** Null: the session has no commit log. */
  log: CommitLog | null;
  /** Acknowledged commits are missing from the index: later data in the media may belong to them. */
  behind: boolean;
  /** Number of the last commit; -1: the index is from before the commit log. */
  commits: number;
}

/**
 * @param db the session's index, open for writing. @param part the name under which findings are recorded in the
 * session.
 */
export function repairContent(
  folder: string,
  db: Database,
  part: 'repair' | 'seal',
  log: CommitLog | null,
  onProgress: OnRepair = () => {},
): Repaired {
  const streams = new Map(streamsOf(db).map(({ number, stream }) => [number, stream]));
  const behind = log !== null && hasEvidence(db) && log.commits > commitsOf(db);
  const commits = hasEvidence(db) ? Math.max(commitsOf(db), log?.commits ?? 0) : -1;
  const bench: Bench = { folder, db, index: new IndexWriter(db), streams, findings: [], part, log, behind, commits };
  const segments = repairMedia(bench, onProgress);
  for (const [number, stream] of streams) {
    const columns = stream.kind === 'samples' ? sampleColumns(stream.channels) : [];
    if (stream.kind === 'samples') mendSamples(bench, number, stream, columns);
    repairCounters(bench, number, stream);
  }
  if (bench.commits >= 0) tellGone(bench);
  return { findings: bench.findings, segments };
}

/** Columns of a stream's table of samples: 0 for media. */
export const tableWidth = (stream: Stream, columns: readonly unknown[]): number =>
  stream.kind === 'samples' ? columns.length + 3 + (stream.deviceClock ? 1 : 0) : 0;

/** Records the findings and repairs in the session, within the caller's transaction. */
function note({ index, findings, part }: Bench, found: readonly Finding[]): void {
  findings.push(...found);
  for (const { code, where, message } of found)
    index.insert('event', { at_ns: null, level: 'error', part, code, message: `${where}: ${message}` });
}

// ---------------------------------------------------------------- media

function repairMedia(bench: Bench, onProgress: OnRepair): Repaired['segments'] {
  const { db, folder } = bench;
  const size = (file: string): number => sizeInside(folder, file);
  const segments = db.prepare('SELECT id, stream, file FROM segment ORDER BY id').all() as SegmentInfo[];
  const indexed = new Set(segments.map(({ file }) => file));
  for (const file of mediaFiles(folder)) if (!indexed.has(file)) removeUnindexed(bench, file);
  const total = segments.reduce((sum, { file }) => sum + size(file), 0);
  const mended: Repaired['segments'] = [];
  let done = 0;
  for (const segment of segments) {
    const bytes = size(segment.file);
    onProgress(segment.file, done, total);
    const check = repairSegment(bench, segment, (position) => onProgress(segment.file, done + position, total));
    if (check) mended.push({ segment, check });
    done += bytes;
  }
  return mended;
}

/** @param known it is in the index, so it contained acknowledged data */
function removeUnindexed(bench: Bench, file: string, known = false): void {
  const bytes = sizeInside(bench.folder, file);
  const kept = setAside(bench.folder, file, known);
  if (!kept) removeInside(bench.folder, file);
  const message = `begun but never acknowledged (${bytes} bytes); ${kept ? `kept in ${kept}` : 'removed'}`;
  note(bench, [{ code: 'media.unindexed-file', where: file, message }]);
}

/** @returns null if nothing is left of it. */
function repairSegment(bench: Bench, segment: SegmentInfo, onBytes: (bytes: number) => void): MediaCheck | null {
  const { db, folder } = bench;
  if (!existsInside(folder, segment.file)) {
    const all = db.prepare('SELECT seq FROM packet WHERE stream = ? AND segment = ?').pluck();
    const found = { code: 'media.file-missing', where: segment.file, message: 'the file is missing' };
    drop(bench, segment, all.all(segment.stream, segment.id) as number[], [found]);
    return null;
  }
  const check = checkMedia(db, folder, segment, TICK_NS, onBytes);
  drop(bench, segment, check.damaged, check.findings);
  if (check.packets === 0) {
    removeUnindexed(bench, segment.file, true);
    return null;
  }
  voidRegions(folder, segment.file, check.strange);
  if (check.scan.tail !== 'cues' && check.scan.sizeBytes > check.indexedEnd) {
    const message = cutTail(folder, segment.file, check.scan, check.indexedEnd, bench.behind);
    note(bench, [{ code: 'media.tail-dropped', where: segment.file, message }]);
  }
  return check.strange.length > 0 ? checkMedia(db, folder, segment, TICK_NS, () => {}) : check;
}

/** Removes packets from the index, and a segment with its last packet. */
function drop(
  bench: Bench,
  { id, stream: number, file }: SegmentInfo,
  seqs: readonly number[],
  found: Finding[],
): void {
  const { db, index, streams } = bench;
  db.transaction(() => {
    const runs = withTimes(bench, number, seqs);
    const remove = db.prepare('DELETE FROM packet WHERE stream = ? AND seq = ?');
    for (const seq of seqs) remove.run(number, seq);
    const left = db.prepare('SELECT count(*) FROM packet WHERE stream = ? AND segment = ?').pluck().get(number, id);
    if (left === 0) {
      db.prepare('DELETE FROM segment WHERE id = ?').run(id);
      index.changed('segment', id);
    }
    tellDropped(db, index, number, streams.get(number) as Stream, runs, {
      detail: `${file} is damaged.`,
      commits: bench.commits,
    });
    note(bench, found);
  })();
}

/** Runs of sequence numbers with their times from the commit log, or otherwise from their rows. */
function withTimes({ db, streams, log }: Bench, number: number, seqs: readonly number[]): DroppedRun[] {
  const stream = streams.get(number) as Stream;
  return runsOf(seqs).map((run) => ({
    ...run,
    own: ackedTimes(log, number, run) ?? rowTimes(db, number, stream, run),
  }));
}

// ---------------------------------------------------------------- commit log

/** Acknowledged data that is missing becomes a gap; changes are logged, and a damaged log is rebuilt. */
function tellGone(bench: Bench): void {
  const { db, index, log, streams, folder, commits } = bench;
  if (log)
    db.transaction(() => {
      for (const { stream, first, last, acked } of goneOf(db, log)) {
        removeRows(db, stream, streams.get(stream) as Stream, first, last);
        const own = {
          from: { clock: acked.fromClock, ns: acked.fromNs },
          to: { clock: acked.toClock, ns: acked.toNs },
        };
        const detail = 'It was acknowledged, and is missing.';
        tellDropped(db, index, stream, streams.get(stream) as Stream, [{ first, last, own }], { detail, commits });
        const name = streams.get(stream)?.id ?? '';
        const message = `${last - first + 1} acknowledged from ${first} to ${last} are missing`;
        note(bench, [{ code: 'index.acknowledged', where: name, message }]);
      }
      note(bench, catchUp(db, index, log));
    })();
  for (const [number, stream] of streams) repairCounters(bench, number, stream);
  if (log?.damage.length === 0) {
    appendRepair(folder, log, index.takeWritten());
    return;
  }
  if (!log && commits === 0) return;
  note(bench, [{ code: log ? 'log.damaged' : 'log.missing', where: COMMIT_LOG, message: 'rebuilt from the index' }]);
  rewriteLog(folder, db);
}

/** Updates the counters after data was dropped. */
function repairCounters(bench: Bench, number: number, stream: Stream): void {
  const { db } = bench;
  const columns = stream.kind === 'samples' ? sampleColumns(stream.channels) : [];
  const check = checkSequence(db, number, stream, tableWidth(stream, columns));
  if (check.findings.length === 0) return;
  db.transaction(() => {
    for (const gap of repairSequence(db, bench.index, number, stream, check)) bench.index.changed('gap', gap);
    note(bench, check.findings);
  })();
}

// ---------------------------------------------------------------- samples

function mendSamples(bench: Bench, number: number, stream: SampleStream, columns: SampleColumn[]): void {
  const { db, index } = bench;
  const check = checkBatches(db, number, stream, columns);
  if (check.findings.length > 0) {
    db.transaction(() => {
      const table = samplesTable(stream.id);
      const remove = db.prepare('DELETE FROM batch WHERE stream = ? AND first_seq = ?');
      for (const first of check.damaged) remove.run(number, first);
      const strays = db
        .prepare(
          `SELECT seq FROM "${table}" s WHERE NOT EXISTS (SELECT 1 FROM batch b WHERE b.stream = ?
           AND s.seq BETWEEN b.first_seq AND b.last_seq)`,
        )
        .pluck()
        .all(number) as number[];
      const row = db.prepare(`DELETE FROM "${table}" WHERE seq = ?`);
      const runs = withTimes(bench, number, strays);
      for (const seq of strays) row.run(seq);
      tellDropped(db, index, number, stream, runs, { detail: `${table} is damaged.`, commits: bench.commits });
      note(bench, check.findings);
    })();
    mendTimes(bench, number, stream, columns);
  }
  const plots = checkPlots(db, stream, columns);
  if (plots.length === 0) return;
  db.transaction(() => {
    rebuildPlots(db, stream, columns);
    note(bench, plots);
  })();
}

/** Rebuilds the time index of the remaining rows. */
function mendTimes({ db }: Bench, number: number, stream: SampleStream, columns: SampleColumn[]): void {
  const update = db.prepare(
    `UPDATE batch SET min_publisher_ns = ?, max_publisher_ns = ?, reached_publisher_ns = ?, disorder_ns = ?
     WHERE stream = ? AND first_seq = ?`,
  );
  db.transaction(() => {
    for (const { firstSeq, min, max, reached, disorder } of checkBatches(db, number, stream, columns).mistimed)
      update.run(min, max, reached, disorder, number, firstSeq);
  })();
}
