/**
 * One session as the player shows it: streams, gaps, markers, participants' devices, and the fixed points of its floor
 * plan.
 */
import type { ReviewGap, ReviewSession, ReviewStream } from '../../common/review.ts';
import type { Channel } from '../../common/stream.ts';
import { annotationsOf, detailsOf, mergeMarkers, recordedMarkers } from '../../session/annotations.ts';
import type { SessionReader } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';

/** More gaps than a timeline has pixels are not useful: only the longest are sent. */
const MAX_GAPS = 5000;

export function describe(reader: SessionReader, key: string, live: boolean): ReviewSession {
  const { db } = reader;
  const session = db
    .prepare('SELECT id, study, name, zero_wall_ns / 1000000 AS zeroWallMs, simulated, kit FROM session')
    .get() as { id: string; study: string; name: string; zeroWallMs: number; simulated: number; kit: string };
  const streams = inOrderOf(session.kit, namedAsGiven(session.kit, streamsOf(reader)));
  const markers = mergeMarkers(recordedMarkers(db), annotationsOf(reader.folder));
  const ends = [...streams.flatMap(({ lastNs }) => lastNs ?? []), ...markers.map(({ atNs }) => atNs)];
  const durationNs = ends.reduce((last, ns) => (BigInt(ns) > last ? BigInt(ns) : last), 0n);
  const { kit, simulated, ...facts } = session;
  return {
    ...{ notes: '', fields: {} },
    ...facts,
    ...detailsOf(reader.folder),
    key,
    live,
    simulated: simulated === 1,
    durationNs: String(durationNs),
    streams,
    gaps: gapsOf(reader),
    markers,
    assignments: (
      db
        .prepare('SELECT CAST(at_ns AS TEXT) AS atNs, source, participant FROM assignment ORDER BY at_ns, id')
        .all() as {
        atNs: string;
        source: string;
        participant: string | null;
      }[]
    ).map((row) => ({ ...row })),
    anchors: anchorsOf(kit),
  };
}

/** A source keeps the name that a person gave it; if it has several devices, each adds its own name. */
function namedAsGiven(kit: string, streams: readonly ReviewStream[]): ReviewStream[] {
  const { sources = [] } = JSON.parse(kit) as { sources?: { id?: string; label?: unknown }[] };
  const given = new Map(sources.map(({ id, label }) => [id, typeof label === 'string' ? label : '']));
  return streams.map((stream) => {
    const name = given.get(stream.source) ?? '';
    if (name === '') return stream;
    const only = streams.filter(({ source }) => source === stream.source).length === 1;
    const part = stream.participant ?? stream.id.replace(`${stream.source}-`, '');
    return { ...stream, label: only ? name : `${name} ${part}` };
  });
}

/** In the order of the kit, not of device startup. */
function inOrderOf(kit: string, streams: readonly ReviewStream[]): ReviewStream[] {
  const { sources = [] } = JSON.parse(kit) as { sources?: { id?: string }[] };
  const place = new Map(sources.map(({ id }, i) => [id, i]));
  const of = ({ source }: ReviewStream): number => place.get(source) ?? sources.length;
  return streams.toSorted((a, b) => of(a) - of(b));
}

function streamsOf(reader: SessionReader): ReviewStream[] {
  const figures = new Map(summarize(reader).streams.map((stream) => [stream.id, stream]));
  return reader.streams().map(({ stream }) => {
    const { count = 0, firstNs = null, lastNs = null, uncertaintyNs = null } = figures.get(stream.id) ?? {};
    return {
      id: stream.id,
      kind: stream.kind,
      source: stream.source,
      label: stream.label,
      place: stream.place,
      participant: stream.participant ?? null,
      simulated: stream.simulated,
      ...{ count, firstNs, lastNs, uncertaintyNs },
      channels: stream.kind === 'samples' ? stream.channels.map(toChannel) : [],
    };
  });
}

const toChannel = ({ name, unit, type, label }: Channel): ReviewStream['channels'][number] => ({
  name,
  unit,
  type,
  label: label ?? '',
});

function gapsOf({ db }: SessionReader): ReviewGap[] {
  return db
    .prepare(
      `SELECT stream, CAST(from_session_ns AS TEXT) AS fromNs, CAST(to_session_ns AS TEXT) AS toNs, cause, missing, detail
       FROM timed_gap ORDER BY coalesce(to_session_ns - from_session_ns, 1 << 60) DESC LIMIT ?`,
    )
    .all(MAX_GAPS) as ReviewGap[];
}

/** From every source whose settings list anchors with positions in mm. */
function anchorsOf(kit: string): ReviewSession['anchors'] {
  const { sources } = JSON.parse(kit) as { sources?: { settings?: { anchors?: unknown } }[] };
  const anchors = new Map<string, ReviewSession['anchors'][number]>();
  for (const { settings } of sources ?? [])
    for (const anchor of Array.isArray(settings?.anchors) ? settings.anchors : []) {
      const { id, x, y } = anchor as { id?: unknown; x?: unknown; y?: unknown };
      if (typeof x === 'number' && typeof y === 'number') anchors.set(String(id), { id: String(id), x, y });
    }
  return [...anchors.values()];
}
