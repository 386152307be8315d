import { describe, expect, it } from 'vitest';
import type { ApplianceState, SourceHealth } from '../../electron/common/applianceState.ts';
import { type HealthFinding, healthFinding, healthOf } from '../../electron/common/health.ts';
import { alarmsOf } from './alarms.ts';
import { sourceStatus } from './sourceStatus.ts';

const open = { state: 'open', sinceMs: 0 } as const;

function source(
  state: Partial<SourceHealth['state']> = {},
  findings: HealthFinding[] = [],
  more: Partial<SourceHealth> = {},
): SourceHealth {
  const streams: SourceHealth['streams'] = [
    { id: 'front', kind: 'video', count: 10, bytes: 1, missing: 0, duplicates: 0, gaps: 0, rateHz: 30, ageMs: 30 },
  ];
  return {
    id: 'front',
    kind: 'camera',
    driver: 'webcam',
    label: 'Front',
    place: '',
    participant: null,
    paused: false,
    simulated: false,
    streams,
    health: healthOf(findings),
    state: { state: 'streaming', message: '', nextStep: '', code: '', device: '', candidates: [], ...state },
    ...more,
  };
}

function appliance(sources: SourceHealth[], session: 'recording' | null = 'recording'): ApplianceState {
  return {
    version: '0',
    dataFolder: '/d',
    disk: { freeBytes: 1, bytesPerSecond: 1, minutesLeft: 100 },
    processor: { cores: 8, busy: 0.3 },
    kit: { name: 'k', study: 's', path: null, revision: 1 },
    session: session && {
      id: 'x',
      study: 's',
      name: '',
      folder: '/d/s/x',
      state: session,
      startedAtMs: 0,
      elapsedNs: '0',
      bytes: 0,
    },
    afterCrash: null,
    sealing: [],
    sources,
    found: [],
    publishers: [],
    clocks: [],
    live: { state: 'running', message: '', nextStep: '', url: null, room: null, restarts: 0, participants: [] },
    trials: [],
    uploads: { failed: 0, keys: 0 },
    notices: [],
  };
}

const lossy = healthFinding('losing', 'too-slow', { lost: 123, lostShare: 0.41, spanMs: 10_000 });

describe('alarms', () => {
  it('are absent while everything is recorded', () => {
    expect(alarmsOf(appliance([source()]), open, [])).toEqual([]);
  });

  it('name the source, the share of frames lost, the cause and the remedy', () => {
    const [alarm] = alarmsOf(appliance([source({}, [lossy])]), open, []);
    expect(alarm?.text).toBe(
      'Losing data · Front: 41 % of the frames in the last 10 s were lost: this computer cannot encode them fast enough.',
    );
    expect(alarm?.nextStep).toBe('Choose a smaller picture in Setup, or close other programs.');
  });

  it('name a camera that is lost during recording in its own words', () => {
    const lost = source({ state: 'error', message: 'The camera was disconnected.', nextStep: 'Plug it in again.' }, [
      healthFinding('losing', 'device'),
    ]);
    expect(alarmsOf(appliance([lost]), open, [])).toEqual([
      { key: 'front', text: 'Losing data · Front: The camera was disconnected.', nextStep: 'Plug it in again.' },
    ]);
  });

  it('ignore warnings, and sources that a person paused', () => {
    expect(alarmsOf(appliance([source({}, [healthFinding('look', 'black')])]), open, [])).toEqual([]);
    expect(alarmsOf(appliance([source({}, [lossy], { paused: true })]), open, [])).toEqual([]);
    expect(alarmsOf(appliance([source({}, [lossy])], null), open, [])).toEqual([]);
  });

  it('say that the recorder is silent instead of repeating its last state', () => {
    const lost = source({ state: 'error', message: 'gone' }, [healthFinding('losing', 'device')]);
    expect(alarmsOf(appliance([lost]), { state: 'lost', sinceMs: 0 }, []).map(({ key }) => key)).toEqual([
      'connection',
    ]);
  });

  it('show notices of the engine that are errors', () => {
    const state = {
      ...appliance([]),
      notices: [
        {
          level: 'error' as const,
          code: 'data.low',
          message: 'The disk is nearly full.',
          nextStep: 'Free some space.',
        },
        { level: 'info' as const, code: 'x', message: 'Fine.', nextStep: '' },
      ],
    };
    expect(alarmsOf(state, open, []).map(({ text }) => text)).toEqual(['The disk is nearly full.']);
  });
});

describe('the status word of a source', () => {
  it('is never good while data is lost or nothing is safe', () => {
    expect(sourceStatus(source({}, [], { streams: [] }), true).mood).toBe('busy');
    expect(sourceStatus(source({}, [healthFinding('losing', 'late')]), true)).toEqual({
      mood: 'bad',
      word: 'state.late',
    });
    expect(sourceStatus(source({}, [lossy]), true)).toEqual({ mood: 'bad', word: 'state.losing' });
    expect(sourceStatus(source({}, [lossy]), false)).toEqual({ mood: 'bad', word: 'state.wouldLose' });
    expect(sourceStatus(source({}, [healthFinding('look', 'black')]), true)).toEqual({
      mood: 'warn',
      word: 'state.look',
    });
    expect(sourceStatus(source(), true)).toEqual({ mood: 'good', word: 'state.recording' });
    expect(sourceStatus(source(), false)).toEqual({ mood: 'good', word: 'state.ready' });
  });

  it('is the same wherever something is paused', () => {
    const paused = { mood: 'rest', word: 'state.paused' };
    expect(sourceStatus(source({}, [], { paused: true }), true)).toEqual(paused);
    expect(sourceStatus(source({ state: 'paused' }), true)).toEqual(paused);
    expect(sourceStatus(source(), false, true)).toEqual(paused);
  });
});
