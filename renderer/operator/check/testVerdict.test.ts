import { expect, it } from 'vitest';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { FINE } from '../../../electron/common/health.ts';
import type { StreamSummary } from '../../../electron/common/sessionSummary.ts';
import { judgeTest } from './testVerdict.ts';

const source = (id: string, kind = 'camera'): SourceHealth => ({
  id,
  kind,
  driver: 'webcam',
  label: id === 'front' ? 'Front' : id,
  place: '',
  participant: null,
  paused: false,
  simulated: false,
  streams: [],
  health: FINE,
  state: { state: 'streaming', message: '', nextStep: '', code: '', device: '', candidates: [] },
});
const stream = (id: string, more: Partial<StreamSummary> = {}): StreamSummary => ({
  id,
  source: id,
  label: id,
  kind: 'video',
  nominalRateHz: 30,
  count: 300,
  firstNs: '0',
  lastNs: '10000000000',
  durationNs: '10000000000',
  gaps: 0,
  drops: 0,
  cause: '',
  bytes: 1,
  offsetNs: null,
  uncertaintyNs: null,
  files: [],
  ...more,
});
const verified = { ok: true, total: 0, checked: { files: 1, bytes: 1, packets: 300, samples: 0, batches: 0 } };
const judge = (sources: SourceHealth[], streams: StreamSummary[]) =>
  judgeTest({ sources, summary: { streams, durationNs: '10000000000' }, verified });

it('rejects a test that lost 143 of 337 frames although every byte of the rest is intact', () => {
  const { level, title, sources } = judge(
    [source('front')],
    [stream('front', { count: 194, drops: 143, cause: 'queue-full' })],
  );
  expect(level).toBe('bad');
  expect(title).toBe('A lesson would lose data from 1 source.');
  expect(sources).toMatchObject([
    {
      name: 'Front',
      text: '143 frames lost (42 %): this computer could not encode them fast enough. A lesson of 45 min would lose about 34,371.',
      nextStep: 'Choose a smaller picture in Setup, or close other programs.',
    },
  ]);
});

it('names a source that delivered nothing, but not a button that nobody pressed', () => {
  const { level, sources } = judge([source('front'), source('clicker', 'hid')], []);
  expect(level).toBe('bad');
  expect(sources.map(({ name }) => name)).toEqual(['Front']);
});

it('names a camera that delivers a fifth of its frames although none is missing', () => {
  const { level, sources } = judge([source('front')], [stream('front', { count: 60 })]);
  expect(level).toBe('bad');
  expect(sources[0]?.text).toBe('6.0 frames per second arrive instead of 30.');
});

it('is good when nothing was lost', () => {
  expect(judge([source('front')], [stream('front')])).toMatchObject({ level: 'good', sources: [] });
});
