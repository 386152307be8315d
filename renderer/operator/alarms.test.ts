import { describe, expect, it } from 'vitest';
import type { ApplianceState, SourceHealth } from '../../electron/common/applianceState.ts';
import { ActiveTimes } from './activeTimes.ts';
import { alarmsOf } from './alarms.ts';
import { sourceStatus } from './sourceStatus.ts';

const open = { state: 'open', sinceMs: 0 } as const;

function source(
  state: Partial<SourceHealth['state']>,
  more: Partial<SourceHealth> = {},
  ageMs: number | null = 30,
): SourceHealth {
  const streams: SourceHealth['streams'] = [
    { id: 'front', kind: 'video', count: 10, bytes: 1, missing: 0, duplicates: 0, gaps: 0, rateHz: 30, ageMs },
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
    state: { state: 'streaming', message: '', nextStep: '', code: '', device: '', candidates: [], ...state },
    ...more,
  };
}

function appliance(sources: SourceHealth[], session: 'recording' | null = 'recording'): ApplianceState {
  return {
    version: '0',
    dataFolder: '/d',
    disk: { freeBytes: 1, bytesPerSecond: 1, minutesLeft: 100 },
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

describe('alarms', () => {
  it('are none while all is recorded', () => {
    expect(alarmsOf(appliance([source({})]), open, [])).toEqual([]);
  });

  it('name a camera that is lost in mid-recording, and what to do', () => {
    const lost = source({ state: 'error', message: 'The camera was taken away.', nextStep: 'Plug it in again.' });
    expect(alarmsOf(appliance([lost]), open, [])).toEqual([
      { key: 'front', text: 'Front: The camera was taken away.', nextStep: 'Plug it in again.' },
    ]);
  });

  it('tell a camera that says it streams but delivers nothing', () => {
    expect(alarmsOf(appliance([source({}, {}, 6200)]), open, [])[0]?.text).toBe('Front: nothing has arrived for 6 s.');
  });

  it('do not cry when a recording begins or a source goes on, but do when nothing comes after it', () => {
    const times = new ActiveTimes();
    const at = (nowMs: number, paused = false): number =>
      alarmsOf(times.apply(appliance([source({}, { paused }, 300_000)]), nowMs), open, []).length;
    expect([at(0), at(2000), at(3500)]).toEqual([0, 0, 1]);
    expect([at(4000, true), at(5000), at(7000), at(8500)]).toEqual([0, 0, 0, 1]);
  });

  it('tell a stream that never gave anything', () => {
    const times = new ActiveTimes();
    const never = (nowMs: number): number =>
      alarmsOf(times.apply(appliance([source({}, {}, null)]), nowMs), open, []).length;
    expect([never(0), never(3500)]).toEqual([0, 1]);
  });

  it('leave alone what a person paused, what rests by nature, and what is not being recorded', () => {
    const resting = source(
      {},
      {
        streams: [
          {
            id: 'button',
            kind: 'samples',
            count: 1,
            bytes: 1,
            missing: 0,
            duplicates: 0,
            gaps: 0,
            rateHz: 0,
            ageMs: 600_000,
          },
        ],
      },
    );
    expect(alarmsOf(appliance([source({ state: 'paused' }, { paused: true }, 60_000), resting]), open, [])).toEqual([]);
    expect(alarmsOf(appliance([source({ state: 'error', message: 'gone' })], null), open, [])).toEqual([]);
  });

  it('say that the recorder is silent instead of repeating what it said last', () => {
    const lost = source({ state: 'error', message: 'gone' });
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

describe('the word of a source', () => {
  it('is never good while nothing is safe', () => {
    expect(sourceStatus(source({}, { streams: [] }), true).mood).toBe('busy');
    expect(sourceStatus(source({}, {}, 9000), true).mood).toBe('bad');
    expect(sourceStatus(source({}), true)).toEqual({ mood: 'good', word: 'state.recording' });
    expect(sourceStatus(source({}), false)).toEqual({ mood: 'good', word: 'state.ready' });
  });
});
