import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { kitSchema } from '../../common/kit.ts';
import { trialOf } from '../../common/trial.ts';
import { Trials } from './trials.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const camera = trialOf({ kind: 'camera', label: 'Table camera', match: { label: 'c', path: '#2' } });

it('turns the camera off when the viewing page is gone', () => {
  const told: number[] = [];
  const trials = new Trials(() => told.push(trials.sources.length));
  trials.ask([camera]);
  vi.advanceTimersByTime(5000);
  trials.ask([camera]);
  vi.advanceTimersByTime(5000);
  // Requested again: nothing is reopened.
  expect(told).toEqual([1]);
  expect(trials.health()).toMatchObject([{ id: camera.id, label: 'Table camera' }]);
  vi.advanceTimersByTime(4000);
  expect(told).toEqual([1, 0]);
  expect(trials.health()).toEqual([]);
});

it('gets the same id for the same match, an id that no kit can contain', () => {
  const again = trialOf({ kind: 'camera', label: 'other words', match: { label: 'c', path: '#2' } });
  const only = trialOf({ kind: 'microphone', label: 'm', match: { label: 'm' } });
  expect(trialOf({ kind: 'microphone', label: 'm', match: { path: '#1', label: 'm' } }).id).toBe(only.id);
  const twin = trialOf({ kind: 'camera', label: 'Table camera', match: { label: 'c', path: '#1' } });
  expect(again.id).toBe(camera.id);
  expect(twin.id).not.toBe(camera.id);
  expect(() => kitSchema.parse({ name: 'k', sources: [camera] })).toThrow(/only looked at/);
});
