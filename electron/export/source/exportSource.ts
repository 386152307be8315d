/** A session as exports read it: verified data that consent covers, on the session's clock. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import type { Stream } from '../../common/stream.ts';
import { existsInside, readInside } from '../../session/folder/files.ts';
import { INDEX, MANIFEST, readManifest } from '../../session/format/manifest.ts';
import { type Annotation, importedAnnotations } from '../../session/importedAnnotations.ts';
import { SessionReader } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';
import type { ExportOptions } from '../format.ts';
import { Consent } from './consent.ts';
import { type Assignment, assignmentsOf, type GapSpan, gapsOf, type Marker, markersOf } from './timeline.ts';

export interface SourceStream {
  number: number;
  id: string;
  stream: Stream;
  count: number;
  bytes: number;
  /** Session nanoseconds of the start of its first data and the end of its last; null: it has none. */
  firstNs: number | null;
  endNs: number | null;
  /** Session times during which the wearer did not consent to this use: their data are left out. */
  withheld: { fromNs: number; toNs: number }[];
}

export class ExportSource implements Disposable {
  readonly folder: string;
  readonly reader: SessionReader;
  readonly sealed: boolean;
  readonly session: { id: string; study: string; name: string; simulated: boolean };
  readonly zeroWallNs: bigint;
  readonly streams: SourceStream[];
  readonly markers: Marker[];
  readonly gaps: GapSpan[];
  /** Annotations imported from other programs. */
  readonly annotations: Annotation[];
  readonly assignments: Assignment[];
  /** End of the session: the end of its last data or marker. */
  readonly endNs: number;
  /** Notes about the whole session, known before any data are read. */
  readonly notes: string[] = [];
  /** Identifies this state of the session; an export of another state must not be resumed. */
  readonly identity: string;
  /** The session, as an export's manifest names it. */
  readonly facts: Record<string, unknown>;
  /** Called for data that do not match their checksums; they are left out. */
  onDamage: (text: string) => void = () => undefined;

  /** @throws FieldroomError `store.no-session`, `store.newer`, `store.damaged`, `export.stream-unknown` */
  constructor(folder: string, options: Pick<ExportOptions, 'use' | 'streams'>) {
    this.folder = folder;
    this.reader = new SessionReader(folder);
    try {
      const { db } = this.reader;
      const row = db
        .prepare('SELECT id, study, name, simulated, zero_wall_ns AS wall FROM session')
        .safeIntegers()
        .get() as { id: string; study: string; name: string; simulated: bigint; wall: bigint } | undefined;
      if (!row) throw fieldroomError('export.session-empty', { folder });
      this.session = { id: row.id, study: row.study, name: row.name, simulated: row.simulated === 1n };
      this.zeroWallNs = row.wall;
      const manifest = readManifest(folder);
      this.sealed = manifest?.state === 'sealed';
      if (!this.sealed)
        this.notes.push(
          'The session is not sealed: its times use the live clock fits, and the export ends at the last recorded data.',
        );
      this.markers = markersOf(db, folder);
      this.annotations = importedAnnotations(folder);
      this.assignments = assignmentsOf(db);
      this.streams = this.#streams(options);
      const wanted = new Set(this.streams.map(({ id }) => id));
      this.gaps = gapsOf(db).filter(({ stream }) => wanted.has(stream));
      this.endNs = Math.max(0, ...this.streams.map(({ endNs }) => endNs ?? 0), ...this.markers.map(({ atNs }) => atNs));
      const sha256 = existsInside(folder, MANIFEST)
        ? createHash('sha256').update(readInside(folder, MANIFEST)).digest('hex')
        : null;
      const index = statSync(join(folder, INDEX));
      this.identity = `${row.id} ${sha256} ${this.sealed ? '' : `${index.size} ${index.mtimeMs}`} ${JSON.stringify([this.markers, this.annotations])}`;
      this.facts = {
        ...this.session,
        state: manifest?.state ?? 'unknown',
        revision: manifest?.revision ?? null,
        manifestSha256: sha256,
        zeroWall: new Date(Number(row.wall / 1_000_000n)).toISOString(),
        zeroWallNs: String(row.wall),
        lengthNs: String(this.endNs),
        software: manifest?.meta.software ?? null,
      };
    } catch (error) {
      this.reader.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.reader.close();
  }

  get ofKind(): Record<'video' | 'audio' | 'samples', SourceStream[]> {
    const of = (kind: string): SourceStream[] => this.streams.filter(({ stream }) => stream.kind === kind);
    return { video: of('video'), audio: of('audio'), samples: of('samples') };
  }

  /** The participant who wore the source at that session time. */
  participantAt(sourceId: string, ns: number): string | null {
    const spans = this.assignments.filter(({ source }) => source === sourceId);
    return (spans.findLast(({ fromNs }) => fromNs <= ns) ?? spans[0])?.participant ?? null;
  }

  /** A session time as an ISO time with nanoseconds. */
  wallTime(ns: number): string {
    const wall = this.zeroWallNs + BigInt(Math.round(ns));
    const seconds = wall / 1_000_000_000n;
    return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${String(wall % 1_000_000_000n).padStart(9, '0')}Z`;
  }

  #streams(options: Pick<ExportOptions, 'use' | 'streams'>): SourceStream[] {
    const summary = new Map(summarize(this.reader).streams.map((stream) => [stream.id, stream]));
    const all = this.reader.streams();
    for (const id of options.streams ?? [])
      if (!all.some(({ stream }) => stream.id === id))
        throw fieldroomError('export.stream-unknown', { id, known: all.map(({ stream }) => stream.id).join(', ') });
    const consent = Consent.of(dirname(this.folder));
    if (!consent.isKept) this.notes.push('The study has no consent records, so nothing was left out for consent.');
    const kept: SourceStream[] = [];
    for (const { number, stream } of all) {
      if (options.streams && !options.streams.includes(stream.id)) continue;
      const withheld = this.assignments.filter(
        ({ source, participant }) =>
          source === stream.source && participant !== null && !consent.allows(participant, options.use),
      );
      for (const { participant, fromNs, toNs } of withheld)
        this.notes.push(
          `${stream.id}: left out ${span(fromNs, toNs)}, because ${participant} did not consent to ${options.use}.`,
        );
      const found = summary.get(stream.id);
      kept.push({
        number,
        id: stream.id,
        stream,
        count: found?.count ?? 0,
        bytes: found?.bytes ?? 0,
        firstNs: found?.firstNs == null ? null : Number(found.firstNs),
        endNs: found?.lastNs == null ? null : Number(found.lastNs),
        // The first assignment also covers what came before it.
        withheld: withheld.map(({ fromNs, toNs }) => ({ fromNs: fromNs <= 0 ? -Infinity : fromNs, toNs })),
      });
    }
    return kept;
  }
}

const span = (fromNs: number, toNs: number): string =>
  fromNs <= 0 && toNs === Infinity
    ? 'entirely'
    : `from ${(fromNs / 1e9).toFixed(3)} s to ${toNs === Infinity ? 'the end' : `${(toNs / 1e9).toFixed(3)} s`}`;

/** Whether a session time is in one of the spans. */
export const isWithheld = (spans: readonly { fromNs: number; toNs: number }[], ns: number): boolean =>
  spans.some(({ fromNs, toNs }) => ns >= fromNs && ns < toNs);
