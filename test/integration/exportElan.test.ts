// An ELAN project and captions of a session, read by pympi and others, edited, and imported.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSession } from '../../electron/export/exportSession.ts';
import { importAnnotations } from '../../electron/export/imports/importAnnotations.ts';
import { importedAnnotations } from '../../electron/session/importedAnnotations.ts';
import { LESSON, makeLesson } from '../fixtures/export/lesson.ts';
import { python } from '../fixtures/export/readers.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-export-'));
const session = join(root, 'pilot', 'lesson');
const project = join(root, 'elan');
const eaf = join(project, '20270922-101500-a1b2c3.eaf');

beforeAll(async () => {
  await makeLesson(session);
  await exportSession({ session, format: 'elan', out: project });
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PYMPI = `
import sys, json, pympi
e = pympi.Elan.Eaf(sys.argv[1])
print(json.dumps(dict(tiers={t: sorted([a[0], a[1], a[2]] for a in e.get_annotation_data_for_tier(t)) for t in e.get_tier_names()},
  media=[m['RELATIVE_MEDIA_URL'] for m in e.media_descriptors], linked=[l['RELATIVE_LINK_URL'] for l in e.linked_file_descriptors], origins=[m.get('TIME_ORIGIN') for m in e.media_descriptors])))`;

interface Eaf {
  tiers: Record<string, [number, number, string][]>;
  media: string[];
  linked: string[];
  origins: (string | null)[];
}

describe('an ELAN project', () => {
  it('has media from time 0, and tiers with correct whole milliseconds, as pympi reads it', () => {
    const read = python<Eaf>(PYMPI, eaf);
    expect(read.media.sort()).toEqual(['./media/cam-1.mp4', './media/mic-1.wav']);
    expect(read.origins).toEqual([null, null]);
    for (const path of [...read.media, ...read.linked])
      expect(readFileSync(join(project, path)).byteLength).toBeGreaterThan(100);
    const markers = read.tiers.markers as [number, number, string][];
    expect(markers.map(([from]) => from)).toEqual(LESSON.markers.map(({ atNs }) => Number(atNs) / 1e6));
    expect(markers.map(([, , text]) => text)).toEqual(LESSON.markers.map(({ code, note }) => `${code}: ${note}`));
    const beats = read.tiers['heart-1 note'] as [number, number, string][];
    expect(beats).toHaveLength(LESSON.hearts);
    for (const [n, [from]] of beats.entries())
      expect(Math.abs(from - LESSON.heartNs(n) / 1e6)).toBeLessThanOrEqual(0.5);
    expect(read.tiers['worn strap-1']?.map(([from, , who]) => [from, who])).toEqual([
      [0, 'P01'],
      [LESSON.swapNs / 1e6, 'P02'],
    ]);
    expect(read.tiers['gaps cam-1']?.length).toBeGreaterThan(0);
    const first = readFileSync(join(project, 'timeseries', 'heart-1.csv'), 'utf8').split('\n')[1] as string;
    expect(Math.abs(Number(first.split(',')[0]) * 1e9 - LESSON.heartNs(0))).toBeLessThan(3);
  });

  it("imports people's annotations: their tiers on the session clock, our own not duplicated", async () => {
    // pympi writes as ELAN does: an aligned tier, and one that refers to it.
    const edited = join(root, 'edited.eaf');
    python(
      `
import sys, pympi
e = pympi.Elan.Eaf(sys.argv[1])
e.add_linguistic_type('ref', 'Symbolic_Association'); e.add_tier('speech P01', part='P01'); e.add_tier('kind', ling='ref', parent='speech P01')
e.add_annotation('speech P01', 3200, 4100, 'what is <this> & that?'); e.add_annotation('speech P01', 7000, 7350, 'no')
e.add_ref_annotation('kind', 'speech P01', 3300, 'question')
e.to_file(sys.argv[2]); print('{}')`,
      eaf,
      edited,
    );
    const before = readdirSync(session).sort();
    const { count, notes } = importAnnotations(session, edited, 'coder-1');
    expect(count).toBe(3);
    expect(notes.join(' ')).toMatch(/not read back: .*markers/);
    const found = importedAnnotations(session).map(({ tier, participant, fromNs, toNs, text }) => [
      tier,
      participant,
      fromNs,
      toNs,
      text,
    ]);
    expect(found).toEqual([
      ['speech P01', 'P01', 3.2e9, 4.1e9, 'what is <this> & that?'],
      ['kind', '', 3.2e9, 4.1e9, 'question'],
      ['speech P01', 'P01', 7e9, 7.35e9, 'no'],
    ]);
    const added = readdirSync(session).filter((name) => !before.includes(name));
    expect(added.filter((name) => !/annotations/.test(name))).toEqual([]);
    expect(() => importAnnotations(session, edited, 'coder-1')).toThrow(/imported before/);
    writeFileSync(edited, readFileSync(edited, 'utf8').replace('>no<', '>yes<'));
    expect(importAnnotations(session, edited, 'coder-1').replaced).toBe(true);
    expect(importedAnnotations(session).map(({ text }) => text)).toEqual(['what is <this> & that?', 'question', 'yes']);
    // Imported tiers are in the next export.
    await exportSession({ session, format: 'elan', out: project, replace: true });
    expect(python<Eaf>(PYMPI, eaf).tiers['speech P01']?.map(([from, to]) => [from, to])).toEqual([
      [3200, 4100],
      [7000, 7350],
    ]);
  });

  it('broken by hand is refused in one sentence, and nothing is stored', () => {
    const broken = join(root, 'broken.eaf');
    const text = readFileSync(eaf, 'utf8');
    const stored = importedAnnotations(session);
    for (const [content, words] of [
      [text.replace('</TIME_ORDER>', ''), /line \d+/],
      [text.replaceAll(/TIME_VALUE="\d+"/g, 'TIME_VALUE="soon"'), /"soon" is not a number/],
      ['<html></html>', /ANNOTATION_DOCUMENT/],
    ] as const) {
      writeFileSync(broken, content);
      expect(() => importAnnotations(session, broken, 'x')).toThrow(words);
    }
    expect(importedAnnotations(session)).toEqual(stored);
  });
});

describe('captions', () => {
  it('are imported unchanged, from any program that keeps milliseconds', async () => {
    const { folder, files } = await exportSession({ session, format: 'vtt', out: join(root, 'vtt') });
    expect(files.map(({ path }) => path)).toContain('markers.vtt');
    const other = join(root, 'markers.vtt');
    writeFileSync(other, readFileSync(join(folder, 'markers.vtt')));
    importAnnotations(session, other, 'x');
    const back = importedAnnotations(session).filter(({ tier }) => tier === 'markers');
    expect(back.map(({ fromNs, text }) => [fromNs, text])).toEqual(
      LESSON.markers.map(({ atNs, code, note }) => [Number(atNs), `${code}: ${note}`]),
    );
  });

  it('in another encoding are refused or understood, never garbled', () => {
    const cue = 'WEBVTT\r\n\r\n00:01.500 --> 00:02.000\r\n<v P02>für &amp; wider\r\n';
    const file = join(root, 'speech.vtt');
    writeFileSync(file, Buffer.from(cue, 'latin1'));
    expect(() => importAnnotations(session, file, 'x')).toThrow(/neither UTF-8 nor UTF-16/);
    writeFileSync(file, Buffer.from(`\ufeff${cue}`, 'utf16le'));
    importAnnotations(session, file, 'x');
    expect(importedAnnotations(session).find(({ tier }) => tier === 'speech')).toMatchObject({
      participant: 'P02',
      fromNs: 1.5e9,
      toNs: 2e9,
      text: 'für & wider',
    });
  });
});

it("BORIS events are imported: states as spans, points as moments, with the observation's offset added", () => {
  const file = join(root, 'coding.boris');
  const behaviors_conf = { 0: { code: 'talk', type: 'State event' }, 1: { code: 'raise', type: 'Point event' } };
  const events = [
    [2.5, 'P01', 'talk', '', ''],
    [3, 'P02', 'raise', 'left', 'twice'],
    [4.25, 'P01', 'talk', '', ''],
    [5, 'P01', 'talk', '', ''],
  ];
  writeFileSync(
    file,
    JSON.stringify({
      project_format_version: '7.0',
      behaviors_conf,
      observations: { one: { 'time offset': 1, events } },
    }),
  );
  const { notes } = importAnnotations(session, file, 'x');
  expect(notes.join(' ')).toMatch(/one: 1 states never end/);
  const found = importedAnnotations(session).filter(({ tier }) => tier === 'talk' || tier === 'raise');
  expect(found.map(({ tier, participant, fromNs, toNs, text }) => [tier, participant, fromNs, toNs, text])).toEqual([
    ['talk', 'P01', 3.5e9, 5.25e9, 'talk'],
    ['raise', 'P02', 4e9, 4e9, 'left | twice'],
    ['talk', 'P01', 6e9, 6e9, 'talk'],
  ]);
  writeFileSync(file, '{"observations": {"one": {"events": "none"}}}');
  expect(() => importAnnotations(session, file, 'x')).toThrow(/not a BORIS project: observations.one.events/);
});

it('a BORIS project has media from time 0 and correct event times, and is imported unchanged', async () => {
  const { folder } = await exportSession({ session, format: 'boris', out: join(root, 'boris') });
  const file = join(folder, '20270922-101500-a1b2c3.boris');
  const [observation] = Object.values(JSON.parse(readFileSync(file, 'utf8')).observations) as [
    {
      file: Record<string, string[]>;
      'time offset': number;
      events: [number, string, string, string, string][];
      media_info: { offset: Record<string, number> };
    },
  ];
  const media = Object.values(observation.file).flat();
  expect(media).toEqual(['media/cam-1.mp4', 'media/mic-1.wav']);
  for (const path of media) expect(readFileSync(join(folder, path)).byteLength).toBeGreaterThan(1000);
  expect([observation['time offset'], ...Object.values(observation.media_info.offset)]).toEqual([0, 0, 0]);
  for (const { atNs, code, note } of LESSON.markers)
    expect(observation.events).toContainEqual([Number(atNs) / 1e9, '', code, '', note]);
  const before = importedAnnotations(session).filter(({ tier }) => tier === 'speech P01');
  importAnnotations(session, file, 'x');
  const after = importedAnnotations(session).filter(({ tier }) => tier === 'speech P01');
  const spans = (list: typeof before): unknown[] => list.map(({ fromNs, toNs, text }) => [fromNs, toNs, text]);
  expect(spans(after).sort()).toEqual([...spans(before), ...spans(before)].sort());
});
