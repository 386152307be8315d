/** The figures of a session, stream by stream. */
import type { SessionSummary, StreamSummary } from '../../common/sessionSummary.ts';
import { sizeInside } from '../folder/files.ts';
import { INDEX } from '../format/manifest.ts';
import type { SessionReader, StreamEntry } from './sessionReader.ts';

interface Moment {
  clock: number;
  ns: number;
}

export function summarize(reader: SessionReader): SessionSummary {
  const { db, folder } = reader;
  const session = db.prepare('SELECT id, study FROM session').get() as { id: string; study: string };
  const state = db.prepare('SELECT state FROM lifecycle ORDER BY id DESC LIMIT 1').pluck().get() as string;
  const made = reader.streams().map((entry) => summarizeStream(reader, entry));
  const spans = made.flatMap(({ span }) => (span ? [span] : []));
  const [first] = spans.map(({ from }) => from).sort(ascending);
  const last = spans
    .map(({ to }) => to)
    .sort(ascending)
    .at(-1);
  const durationNs = first === undefined || last === undefined ? null : String(last - first);
  const media = made.flatMap(({ summary }) => summary.files).reduce((sum, file) => sum + sizeInside(folder, file), 0);
  const bytes = media + sizeInside(folder, INDEX) + sizeInside(folder, `${INDEX}-wal`);
  return { ...session, state, folder, durationNs, bytes, streams: made.map(({ summary }) => summary) };
}

function summarizeStream(
  reader: SessionReader,
  { number, stream }: StreamEntry,
): { summary: StreamSummary; span: { from: bigint; to: bigint } | null } {
  const { db, clock } = reader;
  const state = db
    .prepare('SELECT count, bytes, last_clock AS clock, last_end_ns AS ns FROM stream_state WHERE stream = ?')
    .get(number) as { count: number; bytes: number; clock: number | null; ns: number | null } | undefined;
  const gaps = db
    .prepare(
      'SELECT count(*) AS gaps, coalesce(sum(max(coalesce(lost, 0), missing_seqs)), 0) AS drops FROM gap WHERE stream = ?',
    )
    .get(number) as { gaps: number; drops: number };
  const cause = db
    .prepare(
      'SELECT cause FROM gap WHERE stream = ? GROUP BY cause HAVING sum(max(coalesce(lost, 0), missing_seqs)) > 0 ' +
        'ORDER BY sum(max(coalesce(lost, 0), missing_seqs)) DESC LIMIT 1',
    )
    .pluck()
    .get(number) as string | undefined;
  const files = db.prepare('SELECT file FROM segment WHERE stream = ? ORDER BY number').pluck().all(number) as string[];
  const first = db
    .prepare(
      stream.kind === 'samples'
        ? 'SELECT clock, min_publisher_ns AS ns FROM batch WHERE stream = ? ORDER BY first_seq LIMIT 1'
        : 'SELECT clock, publisher_ns AS ns FROM packet WHERE stream = ? ORDER BY seq LIMIT 1',
    )
    .get(number) as Moment | undefined;
  const last = state && state.clock !== null && state.ns !== null ? { clock: state.clock, ns: state.ns } : undefined;
  const from = first ? clock.toSession(first.clock, first.ns) : null;
  const to = last ? clock.toSession(last.clock, last.ns) : null;
  const span = from === null || to === null ? null : { from, to };
  const summary = {
    id: stream.id,
    kind: stream.kind,
    source: stream.source,
    label: stream.label,
    nominalRateHz: stream.nominalRateHz ?? null,
    count: state?.count ?? 0,
    firstNs: from === null ? null : String(from),
    lastNs: to === null ? null : String(to),
    durationNs: span === null ? null : String(span.to - span.from),
    ...gaps,
    cause: cause ?? '',
    bytes: state?.bytes ?? 0,
    ...offsetInTheMiddle(reader, first, last),
    files,
  };
  return { summary, span };
}

/** Of the stream's last clock. */
function offsetInTheMiddle(
  { clock }: SessionReader,
  first: Moment | undefined,
  last: Moment | undefined,
): Pick<StreamSummary, 'offsetNs' | 'uncertaintyNs'> {
  if (!first || !last) return { offsetNs: null, uncertaintyNs: null };
  const middle = first.clock === last.clock ? Math.round((first.ns + last.ns) / 2) : last.ns;
  const fit = clock.fitAt(last.clock, middle);
  const at = clock.toSession(last.clock, middle);
  if (!fit || at === null) return { offsetNs: null, uncertaintyNs: null };
  return { offsetNs: String(at - BigInt(middle)), uncertaintyNs: fit.uncertaintyNs };
}

const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b));
