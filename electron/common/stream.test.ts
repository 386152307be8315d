import { expect, it } from 'vitest';
import { parseKit } from './kit.ts';
import { idSchema, newIdSchema } from './stream.ts';
import { studySchema, writtenStudySchema } from './study.ts';

const RESERVED = ['con', 'prn', 'aux', 'nul', 'com0', 'com1', 'com9', 'lpt1', 'lpt9'];

it.each(RESERVED)('"%s", a Windows device name, is rejected as a new id, but still read', (id) => {
  expect(newIdSchema.safeParse(id).success).toBe(false);
  expect(idSchema.safeParse(id).success).toBe(true);
  expect(writtenStudySchema.safeParse({ id, name: 'A' }).success).toBe(false);
  expect(studySchema.safeParse({ id, name: 'A' }).success).toBe(true);
  const kit = { name: 'k', study: id, sources: [{ id, kind: 'camera' }] };
  expect(() => parseKit(JSON.stringify(kit), 'kit.json')).toThrow(/study: .*Windows.*sources\[0\]\.id: .*Windows/s);
});

it.each(['com', 'com10', 'console', 'con-1', 'nul2', 'aux-left', 'camera'])('"%s" is a valid id', (id) => {
  expect(newIdSchema.parse(id)).toBe(id);
});

it('reads a kit as an editor on Windows writes it: with a byte order mark and CRLF', () => {
  const text = JSON.stringify({ name: 'k', sources: [{ id: 'cam', kind: 'camera' }] }, null, 2);
  const kit = parseKit(text, 'kit.json');
  expect(parseKit(`\uFEFF${text.replaceAll('\n', '\r\n')}`, 'kit.json')).toEqual(kit);
});
