/** The store's state of one stream during recording. */
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import type { Stream } from '../../common/stream.ts';
import type { IndexWriter, StateRow } from '../../session/format/indexWriter.ts';
import type { Gap, SegmentRow } from '../../session/format/rows.ts';
import { samplesTable } from '../../session/format/sampleTable.ts';
import type { GapTracker } from './gapTracker.ts';
import type { MediaWriter } from './mediaWriter.ts';
import type { SampleWriter } from './sampleWriter.ts';
import type { StreamCounters } from './storeApi.ts';

export interface StreamState {
  number: number;
  stream: Stream;
  declaration: string;
  media: MediaWriter | null;
  samples: SampleWriter | null;
  /** Everything accepted, committed or not. */
  row: StateRow;
  /** Why the next missing sequence numbers were refused; empty: they never arrived. */
  refused: string;
  /** To be included in the next ack. */
  moved: boolean;
}

/**
 * The stream's row in the index, created if new, and the state left by an earlier run. @throws FieldroomError
 * `store.stream-changed`
 */
export function openStream(db: Database, index: IndexWriter, stream: Stream, gaps: GapTracker): StreamState {
  type Known = { id: number; declaration: string };
  const find = db.prepare('SELECT id, declaration FROM stream WHERE name = ?');
  let known = find.get(stream.id) as Known | undefined;
  if (!known) {
    index.insert('stream', {
      name: stream.id,
      kind: stream.kind,
      source: stream.source,
      label: stream.label,
      place: stream.place,
      participant: stream.participant ?? null,
      nominal_rate_hz: stream.nominalRateHz ?? null,
      simulated: stream.simulated ? 1 : 0,
      table_name: stream.kind === 'samples' ? samplesTable(stream.id) : null,
      declaration: JSON.stringify(stream),
    });
    known = find.get(stream.id) as Known;
  }
  const before = JSON.parse(known.declaration) as Stream;
  checkSame(before, stream);
  loadGaps(db, known.id, gaps);
  return {
    number: known.id,
    stream: before,
    declaration: known.declaration,
    media: null,
    samples: null,
    row: loadStateRow(db, known.id),
    refused: '',
    moved: false,
  };
}

export function countersOf(state: StreamState, gaps: GapTracker): StreamCounters {
  const { row } = state;
  const { gaps: count, missing } = gaps.figures(state.number);
  return {
    stream: state.stream.id,
    count: row.count,
    bytes: row.bytes,
    lastSeq: row.lastSeq,
    duplicates: row.duplicates,
    missing,
    gaps: count,
    lastPublisherNs: row.lastPublisherNs,
  };
}

function loadStateRow(db: Database, stream: number): StateRow {
  const row = db
    .prepare(
      'SELECT stream, count, bytes, last_seq AS lastSeq, last_clock AS lastClock, last_publisher_ns AS lastPublisherNs, last_end_ns AS lastEndNs, duplicates FROM stream_state WHERE stream = ?',
    )
    .get(stream) as StateRow | undefined;
  return (
    row ?? {
      stream,
      count: 0,
      bytes: 0,
      lastSeq: -1,
      lastClock: null,
      lastPublisherNs: null,
      lastEndNs: null,
      duplicates: 0,
    }
  );
}

function loadGaps(db: Database, stream: number, book: GapTracker): void {
  const gaps = db
    .prepare(
      'SELECT id, stream, clock, from_ns AS fromNs, to_clock AS toClock, to_ns AS toNs, cause, lost, missing_seqs AS missingSeqs, detail FROM (SELECT * FROM gap WHERE stream = ? ORDER BY id DESC LIMIT 64) ORDER BY id',
    )
    .all(stream) as Gap[];
  const figures = db
    .prepare(
      'SELECT count(*) AS gaps, coalesce(sum(max(coalesce(lost, 0), missing_seqs)), 0) AS missing FROM gap WHERE stream = ?',
    )
    .get(stream) as { gaps: number; missing: number };
  book.restore(stream, gaps, figures);
}

/** The stream's newest segment, its end, and the file's time and publisher's time of its last packet. */
export function loadLastSegment(
  db: Database,
  stream: number,
): { segment: SegmentRow; endBytes: number; fileNs: number; publisherNs: number } | null {
  const segment = db
    .prepare(
      'SELECT id, stream, number, file, clock, first_seq AS firstSeq, file_start_ns AS fileStartNs, reason, config FROM segment WHERE stream = ? ORDER BY number DESC LIMIT 1',
    )
    .get(stream) as SegmentRow | undefined;
  if (!segment) return null;
  const packet = 'SELECT publisher_ns AS ns, offset + length AS endBytes FROM packet WHERE stream = ? AND segment = ?';
  const first = db.prepare(`${packet} ORDER BY seq LIMIT 1`).get(stream, segment.id) as { ns: number };
  const last = db.prepare(`${packet} ORDER BY seq DESC LIMIT 1`).get(stream, segment.id) as {
    ns: number;
    endBytes: number;
  };
  return { segment, endBytes: last.endBytes, fileNs: segment.fileStartNs + last.ns - first.ns, publisherNs: last.ns };
}

/** A stream's kind and columns must not change during a session. @throws FieldroomError `store.stream-changed` */
export function checkSame(before: Stream, now: Stream): void {
  const shape = (s: Stream): string =>
    s.kind === 'samples'
      ? JSON.stringify([s.kind, s.channels.map((c) => [c.name, c.type]), s.deviceClock !== undefined])
      : s.kind;
  if (shape(before) === shape(now)) return;
  throw fieldroomError(
    'store.stream-changed',
    { id: now.id, detail: now.kind === 'samples' ? 'channels' : 'contents' },
    { data: { before: shape(before), now: shape(now) } },
  );
}
