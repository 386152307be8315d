import { describe, expect, it } from 'vitest';
import { kitSchema } from '../../common/kit.ts';
import { type Stream, streamSchema } from '../../common/stream.ts';
import { trialOf } from '../../common/trial.ts';
import { checkDeclaration, idsFor, ownsSource, type PublisherIdentity } from './ownership.ts';
import { kitOwnerOf, ownPublishers, publisherKinds } from './publisherKinds.ts';

const kit = kitSchema.parse({
  name: 'k',
  sources: [
    { id: 'camera', kind: 'camera' },
    { id: 'camera-2', kind: 'camera' },
    { id: 'strap', kind: 'ble', driver: 'ble-heart-rate' },
    { id: 'light', kind: 'serial', driver: 'lines' },
    { id: 'tags', kind: 'mqtt', driver: 'pozyx' },
  ],
}).sources;
const capture: PublisherIdentity = { kind: 'capture', name: 'capture' };
const host: PublisherIdentity = { kind: 'devices', name: 'device-host' };
const student: PublisherIdentity = { kind: 'student', name: 'student-p07', participant: 'P07' };

const samples = (source: string, id = source, more: object = {}): Stream =>
  streamSchema.parse({ kind: 'samples', id, source, channels: [{ name: 'x' }], ...more });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'taken';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const check = (by: PublisherIdentity, stream: Stream, has: Stream[] = []): string =>
  codeOf(() => checkDeclaration(by, stream, kit, has));

describe('ownership of sources and streams', () => {
  it('gives every source of a kit to exactly one of the appliance’s own publishers', () => {
    const trial = trialOf({ kind: 'camera', label: 'c', match: { label: 'c' } });
    for (const source of [...kit, trial]) {
      const owners = [capture, host, student].filter((publisher) => ownsSource(publisher, source.id, [...kit, trial]));
      expect(owners.map(({ name }) => name)).toEqual([kitOwnerOf(source)]);
    }
  });

  it('does not let a publisher declare a stream of another publisher’s source', () => {
    expect(check(host, samples('light'))).toBe('taken');
    expect(check(capture, samples('light'))).toBe('ingest.not-owner');
    expect(check(host, samples('camera'))).toBe('ingest.not-owner');
    expect(check(student, samples('light'))).toBe('ingest.not-owner');
    expect(check(student, samples('student-p08-log'))).toBe('ingest.not-owner');
    expect(check(host, samples('gone'))).toBe('ingest.not-owner');
  });

  it('accepts streams named after their source, and rejects others', () => {
    expect(check(host, samples('tags', 'tags-6a01'))).toBe('taken');
    expect(check(host, samples('tags', 'light'))).toBe('ingest.stream-not-of-source');
    expect(check(capture, samples('camera', 'camera-2'))).toBe('ingest.stream-not-of-source');
    expect(check(capture, samples('camera', 'camera-2-depth'))).toBe('ingest.stream-not-of-source');
    expect(check(capture, samples('camera', 'cameraman'))).toBe('ingest.stream-not-of-source');
  });

  it('assigns every stream of a participant’s page to that participant', () => {
    const said = samples('student-p07-log', 'student-p07-log', { participant: 'P01' });
    expect(checkDeclaration(student, said, kit, []).participant).toBe('P07');
  });

  it('limits the number of streams and the size of facts', () => {
    const { streams, factsBytes } = publisherKinds.student.quotas;
    const has = Array.from({ length: streams }, (_, i) => samples(`student-p07-s${i}`));
    expect(check(student, samples('student-p07-more'), has)).toBe('ingest.too-many-streams');
    expect(check(student, samples('student-p07-s0'), has)).toBe('taken');
    const facts = { text: 'x'.repeat(factsBytes) };
    expect(check(student, samples('student-p07-log', 'student-p07-log', { facts }))).toBe('ingest.facts-too-large');
  });

  it('renames a stream whose columns changed to its id and a number', () => {
    const ids = [...idsFor('light')];
    expect(ids.slice(0, 3)).toEqual(['light', 'light-v2', 'light-v3']);
    expect([...idsFor('x'.repeat(64))].every((id) => streamSchema.safeParse(samples('s', id)).success)).toBe(true);
  });
});

describe('the kinds of publisher', () => {
  it('have names that are distinct from all other kinds', () => {
    const names = ['capture', 'device-host', 'room', 'room-2', 'student-p07', 'laptop-b', 'netcam-1'];
    for (const name of names)
      expect(Object.values(publisherKinds).filter(({ names: pattern }) => pattern.test(name))).toHaveLength(1);
  });

  it('include a name for each publisher that the appliance starts', () => {
    for (const { kind, name } of ownPublishers) expect(name).toMatch(publisherKinds[kind].names);
  });
});
