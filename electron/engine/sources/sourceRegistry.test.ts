import { expect, it } from 'vitest';
import { sourceSchema } from '../../common/kit.ts';
import { streamSchema } from '../../common/stream.ts';
import { SourceRegistry } from './sourceRegistry.ts';

const CAPTURE = { kind: 'capture', name: 'capture' } as const;

const registry = (): SourceRegistry => {
  const made = new SourceRegistry();
  made.setSources([sourceSchema.parse({ id: 'front', kind: 'camera' })]);
  made.report(
    { source: 'front', state: 'streaming', message: '', nextStep: '', code: '', device: '', candidates: [] },
    CAPTURE,
  );
  made.declared(
    streamSchema.parse({
      kind: 'video',
      id: 'front',
      source: 'front',
      config: { codec: 'avc1.42E01F', codedWidth: 640, codedHeight: 360 },
    }),
    CAPTURE,
  );
  return made;
};

it('reports a camera that claims to stream and delivers nothing, from the moment it is recorded', () => {
  const one = registry();
  const level = (nowMs: number, recording: boolean): string | undefined =>
    one.health(new Map(), nowMs, recording)[0]?.health.level;
  expect([level(0, false), level(100_000, false)]).toEqual(['fine', 'fine']);
  expect([level(100_000, true), level(102_000, true), level(103_500, true)]).toEqual(['fine', 'fine', 'losing']);
});

it('does not count age during a pause, and restarts after it', () => {
  const one = registry();
  const at = (nowMs: number): { level: string; ageMs: number | null } => {
    const [front] = one.health(new Map(), nowMs, true);
    return { level: front?.health.level ?? '', ageMs: front?.streams[0]?.ageMs ?? null };
  };
  at(0);
  one.setPaused('front', true);
  expect(at(60_000)).toEqual({ level: 'fine', ageMs: null });
  one.setPaused('front', false);
  expect(at(61_000)).toEqual({ level: 'fine', ageMs: 0 });
  expect(at(65_000)).toEqual({ level: 'losing', ageMs: 4000 });
});

it('reports lost data when a device is away during a recording, and only a warning before it', () => {
  const one = registry();
  one.report(
    { source: 'front', state: 'error', message: 'Gone.', nextStep: '', code: '', device: '', candidates: [] },
    CAPTURE,
  );
  const health = (recording: boolean) => one.health(new Map(), 0, recording)[0]?.health;
  expect(health(false)).toMatchObject({ level: 'look', findings: [{ code: 'device' }] });
  expect(health(true)).toMatchObject({ level: 'losing', findings: [{ code: 'device' }] });
});
