/**
 * A study across sessions: Parquet in Hive partitions (`kind=…/study=…/session=…/part-0.parquet`), which DuckDB, pandas, Dask
 * and Spark read as one table per kind. Building again writes only new or changed sessions and removes those that were
 * deleted from the study or whose consent was withdrawn; sessions from other laptops are kept.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fieldroomError, reportOf } from '../../common/errors.ts';
import { hasFile, isThere } from '../../session/folder/dataFolder.ts';
import { MANIFEST } from '../../session/format/manifest.ts';
import { DEFAULT_OPTIONS, type Use } from '../format.ts';
import { ExportSource } from '../source/exportSource.ts';
import { writeParquet } from '../tables/parquet.ts';
import { framesTable, longTable, smallTables } from '../tables/sessionTables.ts';
import type { Field, Table } from '../tables/table.ts';

const DATASET = 'dataset.json';
const PART = 'part-0.parquet';
export const DATASET_VERSION = 1;

export interface DatasetSession {
  study: string;
  session: string;
  /** Name of the session's folder in the study's folder. */
  folder: string;
  /** Hash of the session's manifest, annotations and consent when it was written. */
  stamp: string;
  use: Use;
  kinds: Record<string, { rows: number; bytes: number }>;
  facts: Record<string, unknown>;
  notes: string[];
}

interface Dataset {
  format: 'fieldroom-dataset';
  formatVersion: number;
  about: string;
  partitions: string;
  fields: Record<string, Field[]>;
  sessions: DatasetSession[];
}

export interface DatasetResult {
  folder: string;
  written: string[];
  unchanged: string[];
  removed: string[];
  /** Sessions that could not be read; their earlier output is kept. */
  failed: { session: string; error: ReturnType<typeof reportOf> }[];
}

export interface DatasetRequest {
  /** Folder of the study, which contains its sessions. */
  study: string;
  out: string;
  use?: Use;
  signal?: AbortSignal;
  onProgress?: (fraction: number, session: string) => void;
}

/** @throws FieldroomError `dataset.*`; finished sessions are kept */
export async function buildDataset({
  study,
  out,
  use = 'analysis',
  signal,
  onProgress,
}: DatasetRequest): Promise<DatasetResult> {
  const folder = resolve(out);
  if (!isThere(study)) throw fieldroomError('dataset.no-study', { study });
  const sessions = readdirSync(study, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && hasFile(join(study, entry.name), MANIFEST))
    .map(({ name }) => name)
    .sort();
  const dataset = openDataset(folder);
  const result: DatasetResult = { folder, written: [], unchanged: [], removed: [], failed: [] };
  const here = new Set<string>();
  const studies = new Set<string>();
  for (const [i, name] of sessions.entries()) {
    if (signal?.aborted) throw fieldroomError('dataset.cancelled');
    onProgress?.(i / sessions.length, name);
    try {
      const session = join(study, name);
      const { facts, stamp } = stampOf(session, use);
      studies.add(String(facts.study));
      here.add(String(facts.id));
      const known = dataset.sessions.find((one) => one.session === facts.id && one.study === facts.study);
      if (known?.stamp === stamp && partsAreThere(folder, known)) {
        result.unchanged.push(name);
        continue;
      }
      const made = await writeSession(folder, session, use, stamp);
      dataset.sessions = [...dataset.sessions.filter((one) => one !== known), made];
      saveDataset(folder, dataset);
      result.written.push(name);
    } catch (error) {
      // A session that cannot be read must not be treated as deleted.
      for (const one of dataset.sessions) if (one.folder === name && isOfThisFolder(one, study)) here.add(one.session);
      result.failed.push({ session: name, error: reportOf(error) });
    }
  }
  for (const gone of dataset.sessions.filter(
    (one) => studies.has(one.study) && !here.has(one.session) && isOfThisFolder(one, study),
  )) {
    for (const kind of Object.keys(gone.kinds))
      rmSync(partitionOf(folder, kind, gone), { recursive: true, force: true });
    dataset.sessions = dataset.sessions.filter((one) => one !== gone);
    result.removed.push(gone.session);
  }
  saveDataset(folder, dataset);
  onProgress?.(1, '');
  return result;
}

/** A session from another laptop is not on this one, which does not mean that it was deleted. */
const isOfThisFolder = ({ facts }: DatasetSession, study: string): boolean => facts.studyFolder === studyMark(study);

/** Identifies a study's folder without revealing its path. */
const studyMark = (study: string): string => createHash('sha256').update(resolve(study)).digest('hex').slice(0, 16);

function stampOf(session: string, use: Use): { facts: Record<string, unknown>; stamp: string } {
  using source = new ExportSource(session, { use, streams: null });
  const stamp = createHash('sha256')
    .update(JSON.stringify([DATASET_VERSION, source.identity, source.notes, use]))
    .digest('hex');
  return { facts: source.facts, stamp };
}

async function writeSession(folder: string, session: string, use: Use, stamp: string): Promise<DatasetSession> {
  using source = new ExportSource(session, { ...DEFAULT_OPTIONS, use });
  const { id, study } = source.session;
  const notes = [...source.notes];
  source.onDamage = (text) => void notes.push(text);
  const facts = { ...source.facts, studyFolder: studyMark(join(session, '..')) };
  const made: DatasetSession = { study, session: id, folder: basename(session), stamp, use, kinds: {}, facts, notes };
  for (const { kind, table } of tablesOf(source)) {
    const at = partitionOf(folder, kind, made);
    const partial = `${at}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    try {
      const path = join(partial, PART);
      const rows = await writeParquet(path, table, {
        zeroWallNs: source.zeroWallNs,
        onRows: () => undefined,
        facts: { study, session: id },
      });
      const bytes = statSync(path).size;
      rmSync(at, { recursive: true, force: true });
      if (rows > 0) renameSync(partial, at);
      made.kinds[kind] = { rows, bytes: rows > 0 ? bytes : 0 };
    } finally {
      rmSync(partial, { recursive: true, force: true });
    }
  }
  return made;
}

function tablesOf(source: ExportSource): { kind: string; table: Table }[] {
  const { video, audio, samples } = source.ofKind;
  const small = smallTables(source).map((table) => ({ kind: table.path, table }));
  const media = [...video, ...audio].map((stream) => framesTable(source, stream));
  return [
    ...small,
    { kind: 'samples', table: longTable(source, samples) },
    ...(media.length > 0
      ? [
          {
            kind: 'frames',
            table: framesOf(
              media,
              [...video, ...audio].map(({ id }) => id),
            ),
          },
        ]
      : []),
  ];
}

/** Frames of all media as one table, with the name of the stream. */
function framesOf(tables: Table[], ids: string[]): Table {
  const [first] = tables as [Table];
  return {
    ...first,
    path: 'frames',
    title: 'Time of every frame and sound packet',
    fields: [{ name: 'stream', type: 'string', description: 'Name of the stream' }, ...first.fields],
    *batches() {
      for (const [i, table] of tables.entries())
        for (const { count, columns } of table.batches())
          yield { count, columns: [new Array<string>(count).fill(ids[i] as string), ...columns] };
    },
  };
}

const partitionOf = (
  folder: string,
  kind: string,
  { study, session }: Pick<DatasetSession, 'study' | 'session'>,
): string =>
  join(folder, `kind=${kind}`, `study=${encodeURIComponent(study)}`, `session=${encodeURIComponent(session)}`);

const partsAreThere = (folder: string, session: DatasetSession): boolean =>
  Object.entries(session.kinds).every(([kind, { bytes }]) => {
    const size = statSync(join(partitionOf(folder, kind, session), PART), { throwIfNoEntry: false })?.size ?? 0;
    return size === bytes;
  });

function openDataset(folder: string): Dataset {
  const path = join(folder, DATASET);
  const empty: Dataset = {
    format: 'fieldroom-dataset',
    formatVersion: DATASET_VERSION,
    about:
      'Sessions of Fieldroom as Parquet. Times are seconds of each session; wall_time is UTC. See docs/exports.md.',
    partitions: 'kind=<kind>/study=<study>/session=<session>/part-0.parquet',
    fields: {},
    sessions: [],
  };
  if (!existsSync(path)) {
    if (existsSync(folder) && readdirSync(folder).length > 0) throw fieldroomError('dataset.folder-in-use', { folder });
    mkdirSync(folder, { recursive: true });
    return empty;
  }
  const found = parsed(readFileSync(path, 'utf8'));
  if (found?.format !== 'fieldroom-dataset' || !Array.isArray(found.sessions))
    throw fieldroomError('dataset.damaged', { path });
  if (found.formatVersion > DATASET_VERSION) throw fieldroomError('dataset.newer', { path });
  return found;
}

function parsed(text: string): Dataset | null {
  try {
    return JSON.parse(text) as Dataset;
  } catch {
    return null;
  }
}

function saveDataset(folder: string, dataset: Dataset): void {
  const path = join(folder, DATASET);
  const sorted = { ...dataset, sessions: [...dataset.sessions].sort((a, b) => a.session.localeCompare(b.session)) };
  writeFileSync(`${path}.new`, `${JSON.stringify(sorted, null, 2)}\n`);
  renameSync(`${path}.new`, path);
}
