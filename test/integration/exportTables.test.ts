// CSV and Parquet of a session, read by pandas and others, compared with what was recorded.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSession } from '../../electron/export/exportSession.ts';
import { LESSON, makeLesson } from '../fixtures/export/lesson.ts';
import { python } from '../fixtures/export/readers.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-export-'));
const session = join(root, 'pilot', 'lesson');
const out = (name: string): string => join(root, 'out', name);

beforeAll(async () => {
  await makeLesson(session);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PANDAS = `
import sys, json, pandas as pd
folder, kind = sys.argv[1:3]
read = (lambda p: pd.read_csv(folder + '/' + p + '.csv', keep_default_na=False, na_values=[''], dtype={'text': str})) if kind == 'csv' else (lambda p: pd.read_parquet(folder + '/' + p + '.parquet'))
long = read('samples'); frames = read('frames/cam-1'); heart = read('streams/heart-1'); markers = read('markers')
long['wall_time'] = pd.to_datetime(long['wall_time'], utc=True)
rate = long[long.channel == 'heart_rate']
clean = lambda s: [None if pd.isna(v) else v for v in s.tolist()]
print(json.dumps(dict(
  rows=len(long), channels=long.groupby('channel').size().to_dict(), heart_s=rate.session_s.tolist(), heart=rate.value.tolist(),
  who=rate.participant.tolist(), unit=rate.unit.unique().tolist(), imu_s=long[long.channel == 'acc_x'].session_s.tolist(),
  wall=[str(w) for w in rate.wall_time.dt.tz_convert('UTC').dt.strftime('%Y-%m-%dT%H:%M:%S.%f')][:1], rr=clean(heart.rr_ms), note=clean(heart.note),
  frames=frames.session_s.tolist(), frame=frames.frame.tolist(), marker_s=markers.session_s.tolist(), marker=markers.note.tolist(),
  worst_ms=float(long.uncertainty_ms.max()))))`;

interface Read {
  rows: number;
  channels: Record<string, number>;
  heart_s: number[];
  heart: number[];
  who: string[];
  unit: string[];
  imu_s: number[];
  wall: string[];
  rr: (number | null)[];
  note: (string | null)[];
  frames: number[];
  frame: number[];
  marker_s: number[];
  marker: string[];
  worst_ms: number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
/** Checks times in seconds against session nanoseconds. @param withinNs rounding of the fit to whole nanoseconds */
const expectTimes = (found: number[], truthNs: number[], withinNs = 3): void => {
  expect(found).toHaveLength(truthNs.length);
  expect(Math.max(...found.map((s, n) => Math.abs(s * 1e9 - (truthNs[n] as number))))).toBeLessThan(withinNs);
};

const frameNumbers = range(LESSON.frames).filter((n) => n < LESSON.lostFrames.from || n >= LESSON.lostFrames.to);

describe.each(['csv', 'parquet'])('%s, as pandas reads it', (format) => {
  it('has every value at its time, with participant and unit', async () => {
    await exportSession({ session, format, out: out(format) });
    const read = python<Read>(PANDAS, out(format), format);
    expect(read.channels).toEqual({ acc_x: LESSON.imus, n: LESSON.imus, heart_rate: 12, rr_ms: 8, note: 12 });
    expectTimes(read.heart_s, range(LESSON.hearts).map(LESSON.heartNs));
    expectTimes(read.imu_s, range(LESSON.imus).map(LESSON.imuNs));
    expect(read.heart).toEqual(range(LESSON.hearts).map(LESSON.heart));
    expect(read.who).toEqual(range(LESSON.hearts).map((n) => (LESSON.heartNs(n) < LESSON.swapNs ? 'P01' : 'P02')));
    expect(read.unit).toEqual(['bpm']);
    expect(read.wall).toEqual(['2026-09-21T14:13:22.250000']);
    expect(read.rr.slice(0, 4)).toEqual([null, 801, 802, null]);
    expect(read.note.slice(1, 3)).toEqual(['beat, "1"', 'beat, "2"']);
    expectTimes(read.frames, frameNumbers.map(LESSON.frameNs));
    expect(read.frame).toEqual(range(frameNumbers.length));
    expectTimes(
      read.marker_s,
      LESSON.markers.map(({ atNs }) => Number(atNs)),
    );
    expect(read.marker).toEqual(LESSON.markers.map(({ note }) => note));
    // The clock's uncertainty (0.4 ms) plus the longest read delay of a sample (0.5 ms).
    expect(read.worst_ms).toBeCloseTo(0.9, 6);
  });
});

describe('an export', () => {
  it('leaves the session unchanged, and describes itself', async () => {
    const before = readdirSync(session, { recursive: true }).sort();
    const { folder, files } = await exportSession({ session, format: 'csv', out: out('says') });
    expect(readdirSync(session, { recursive: true }).sort()).toEqual(before);
    const manifest = JSON.parse(readFileSync(join(folder, 'export.json'), 'utf8'));
    expect(manifest.session).toMatchObject({
      id: '20270922-101500-a1b2c3',
      study: 'pilot',
      state: 'sealed',
      revision: 3,
    });
    expect(manifest.files).toEqual(files);
    expect(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((e) => e.isFile())).toHaveLength(
      files.length + 1,
    );
    const dictionary = JSON.parse(readFileSync(join(folder, 'datapackage.json'), 'utf8'));
    const described = dictionary.resources.map(({ path }: { path: string }) => path);
    expect(described.sort()).toEqual(
      files
        .map(({ path }) => path)
        .filter((path) => path.endsWith('.csv'))
        .sort(),
    );
    for (const { path, schema } of dictionary.resources) {
      const head = readFileSync(join(folder, path), 'utf8').split('\n')[0]?.split(',');
      expect(head).toEqual(schema.fields.map(({ name }: { name: string }) => name));
    }
  });

  it('leaves nothing behind when it is cancelled, and refuses a folder that is in use', async () => {
    const abort = new AbortController();
    const cancelled = exportSession({
      session,
      format: 'csv',
      out: out('cancelled'),
      signal: abort.signal,
      onProgress: (fraction) => fraction > 0.2 && abort.abort(),
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'export.cancelled' });
    expect(readdirSync(join(root, 'out')).filter((name) => name.startsWith('cancelled'))).toEqual([]);
    writeFileSync(join(root, 'out', 'notes.txt'), 'mine');
    await expect(exportSession({ session, format: 'csv', out: join(root, 'out') })).rejects.toMatchObject({
      code: 'export.folder-in-use',
    });
    expect(readFileSync(join(root, 'out', 'notes.txt'), 'utf8')).toBe('mine');
  });

  it('continues after a kill without rewriting what was finished', async () => {
    const abort = new AbortController();
    const partial = `${out('resumed')}.partial`;
    const copy = join(root, 'killed');
    await exportSession({
      session,
      format: 'csv',
      out: out('resumed'),
      signal: abort.signal,
      // A kill leaves the folder in this state.
      onProgress: (_fraction, what) => {
        if (what !== 'samples.csv' || existsSync(copy)) return;
        cpSync(partial, copy, { recursive: true });
        abort.abort();
      },
    }).catch(() => undefined);
    cpSync(copy, partial, { recursive: true });
    const worked: string[] = [];
    writeFileSync(join(partial, 'samples.csv'), 'half of it');
    const { folder, files } = await exportSession({
      session,
      format: 'csv',
      out: out('resumed'),
      onProgress: (_, what) => worked.push(what),
    });
    expect(new Set(worked)).toEqual(new Set(['samples.csv', 'datapackage.json', '']));
    const whole = await exportSession({ session, format: 'csv', out: out('whole') });
    expect(files).toEqual(whole.files);
    expect(readFileSync(join(folder, 'samples.csv'))).toEqual(readFileSync(join(whole.folder, 'samples.csv')));
  });

  it('omits damaged data and says so', async () => {
    const damaged = join(root, 'pilot', 'damaged');
    cpSync(session, damaged, { recursive: true });
    const Database = (await import('better-sqlite3')).default;
    const db = new Database(join(damaged, 'session.sqlite'));
    db.prepare('UPDATE samples_heart_1 SET heart_rate = 200 WHERE seq = 3').run();
    db.close();
    const { folder, notes } = await exportSession({ session: damaged, format: 'csv', out: out('damaged') });
    expect(notes.join(' ')).toMatch(/heart-1: 12 samples do not agree with their checksum/);
    expect(readFileSync(join(folder, 'samples.csv'), 'utf8')).not.toMatch(/heart-1/);
    expect(JSON.parse(readFileSync(join(folder, 'export.json'), 'utf8')).notes).toEqual(
      expect.arrayContaining([expect.stringMatching(/heart-1/)]),
    );
  });

  it('includes an unsealed recording up to its last data', async () => {
    const open = join(root, 'pilot', 'unsealed');
    await makeLesson(open, { seal: false });
    const { folder, notes } = await exportSession({ session: open, format: 'csv', out: out('unsealed') });
    expect(notes.join(' ')).toMatch(/not sealed/);
    expectTimes(python<Read>(PANDAS, folder, 'csv').heart_s, range(LESSON.hearts).map(LESSON.heartNs));
  });

  it('omits participants whose consent does not cover the use, while they wore a sensor', async () => {
    const study = join(root, 'withConsent');
    cpSync(session, join(study, 'lesson'), { recursive: true });
    const line = (participant: string, uses: object, more = {}): string =>
      JSON.stringify({ participant, uses, ...more });
    const all = { analysis: true, sharing: true, publication: false };
    const records = [
      line('P01', all),
      line('P02', all),
      line('P03', all),
      line('P02', { analysis: true, sharing: false }),
    ];
    writeFileSync(join(study, 'consent.jsonl'), `${records.join('\n')}\n`);
    const read = async (use: 'analysis' | 'sharing'): Promise<Read> => {
      const { folder } = await exportSession({
        session: join(study, 'lesson'),
        format: 'csv',
        out: out(`use-${use}`),
        options: { use },
      });
      return python<Read>(PANDAS, folder, 'csv');
    };
    expect(new Set((await read('analysis')).who)).toEqual(new Set(['P01', 'P02']));
    const shared = await read('sharing');
    expect(new Set(shared.who)).toEqual(new Set(['P01']));
    expect(shared.heart_s).toHaveLength(range(LESSON.hearts).filter((n) => LESSON.heartNs(n) < LESSON.swapNs).length);
    writeFileSync(join(study, 'consent.jsonl'), 'P01 said yes\n');
    await expect(
      exportSession({ session: join(study, 'lesson'), format: 'csv', out: out('unclear') }),
    ).rejects.toMatchObject({ code: 'export.consent-damaged' });
  });
});
