// A data set across sessions, queried with DuckDB, read with pyarrow and Dask, and rebuilt repeatedly.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildDataset } from '../../electron/export/dataset/buildDataset.ts';
import { addMarker } from '../../electron/session/annotations.ts';
import { LESSON, makeLesson } from '../fixtures/export/lesson.ts';
import { python } from '../fixtures/export/readers.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-dataset-'));
const study = join(root, 'data', 'pilot');
const other = join(root, 'otherLaptop', 'pilot');
const out = join(root, 'set');

beforeAll(async () => {
  await makeLesson(join(study, 'one'));
  // A copy of the same lesson with another name counts as another session.
  copyAs('one', study, 'two', 'session-two');
  copyAs('one', other, 'three', 'session-three');
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copyAs(from: string, into: string, name: string, id: string): void {
  cpSync(join(study, from), join(into, name), { recursive: true });
  const db = new Database(join(into, name, 'session.sqlite'));
  db.prepare('UPDATE session SET id = ?').run(id);
  db.close();
  const path = join(into, name, 'manifest.json');
  writeFileSync(path, readFileSync(path, 'utf8').replace('20270922-101500-a1b2c3', id));
}

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[];
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const samples = `read_parquet('${out.replaceAll('\\', '/')}/kind=samples/**/*.parquet', hive_partitioning = true)`;
const mean = (numbers: number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
const hearts = Array.from({ length: LESSON.hearts }, (_, n) => n);

it('is built from studies of several laptops, and queries work across them', async () => {
  const first = await buildDataset({ study, out });
  expect(first).toMatchObject({ written: ['one', 'two'], failed: [] });
  expect(await buildDataset({ study: other, out })).toMatchObject({ written: ['three'], removed: [] });
  const rows = await ask(`SELECT session, participant, avg(value) AS mean, count(*) AS n FROM ${samples}
    WHERE channel = 'heart_rate' GROUP BY ALL ORDER BY session, participant`);
  const worn = (who: string): number[] =>
    hearts.filter((n) => LESSON.heartNs(n) < LESSON.swapNs === (who === 'P01')).map(LESSON.heart);
  expect(rows).toHaveLength(6);
  for (const row of rows) {
    expect(Number(row.n)).toBe(worn(String(row.participant)).length);
    expect(Number(row.mean)).toBeCloseTo(mean(worn(String(row.participant))), 9);
  }
  const [times] = await ask(
    `SELECT max(abs(session_s * 100 - 150 - seq)) AS worst, count(*) AS n FROM ${samples} WHERE channel = 'n' AND session = 'session-two'`,
  );
  expect(Number(times?.n)).toBe(LESSON.imus);
  expect(Number(times?.worst)).toBeLessThan(1e-6);
});

it('is read by pyarrow and Dask without conversion', () => {
  const read = python<Record<string, unknown>>(
    `
import sys, json, pyarrow.dataset as ds, pyarrow.compute as pc, dask.dataframe as dd
t = ds.dataset(sys.argv[1] + '/kind=samples', format='parquet', partitioning='hive').to_table()
d = dd.read_parquet(sys.argv[1] + '/kind=samples', columns=['channel', 'value', 'session'])
print(json.dumps(dict(rows=t.num_rows, sessions=sorted(pc.unique(t['session']).to_pylist()), wall=str(t.schema.field('wall_time').type), dask=int((d.channel == 'acc_x').sum().compute()))))`,
    out,
  );
  expect(read).toEqual({
    rows: 3 * (2 * LESSON.imus + 12 + 8 + 12),
    sessions: ['20270922-101500-a1b2c3', 'session-three', 'session-two'],
    wall: 'timestamp[ns, tz=UTC]',
    dask: 3 * LESSON.imus,
  });
});

it('rebuilds only what changed, and drops what was deleted or withdrawn', async () => {
  const part = (id: string): string => join(out, 'kind=samples', 'study=pilot', `session=${id}`, 'part-0.parquet');
  const before = statSync(part('session-two')).mtimeMs;
  expect(await buildDataset({ study, out })).toMatchObject({ written: [], unchanged: ['one', 'two'] });
  addMarker(join(study, 'one'), { atNs: 1n, code: '9', note: 'later', author: 'x' });
  expect(await buildDataset({ study, out })).toMatchObject({ written: ['one'], unchanged: ['two'] });
  expect(statSync(part('session-two')).mtimeMs).toBe(before);
  const uses = { analysis: true };
  const lines = ['P01', 'P02', 'P03'].map((participant) => JSON.stringify({ participant, uses }));
  writeFileSync(
    join(study, 'consent.jsonl'),
    `${lines.join('\n')}\n${JSON.stringify({ participant: 'P02', uses, withdraws: '2026-11-30' })}\n`,
  );
  expect((await buildDataset({ study, out })).written).toEqual(['one', 'two']);
  const who = await ask(`SELECT DISTINCT participant FROM ${samples} WHERE session <> 'session-three' ORDER BY 1`);
  expect(who.map(({ participant }) => participant)).toEqual(['P01', 'P03']);
  rmSync(join(study, 'two'), { recursive: true });
  expect(await buildDataset({ study, out })).toMatchObject({ removed: ['session-two'], unchanged: ['one'] });
  expect(readdirSync(join(out, 'kind=samples', 'study=pilot')).sort()).toEqual([
    'session=20270922-101500-a1b2c3',
    'session=session-three',
  ]);
});

it('keeps its data of a session that cannot be read, and reports it', async () => {
  copyAs('one', study, 'four', 'session-four');
  writeFileSync(join(study, 'one', 'manifest.json'), '{"broken"');
  const { failed, removed } = await buildDataset({ study, out });
  expect(failed).toMatchObject([{ session: 'one' }]);
  expect(removed).toEqual([]);
  expect(readdirSync(join(out, 'kind=samples', 'study=pilot'))).toContain('session=20270922-101500-a1b2c3');
});
