import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRequestOf, ownWords, parseLink, shortText, withoutRequest } from './openRequest.ts';

const cwd = resolve('/home/ada');
const SESSION = { kind: 'link', session: { study: 'pilot', id: '20261122-141503-7f3a9c' } };

describe('a command line', () => {
  it.each([
    [['lesson.fieldroom-kit'], { kind: 'kit', path: join(cwd, 'lesson.fieldroom-kit') }],
    [['--data', '/d', 'Kit.FIELDROOM-KIT'], { kind: 'kit', path: join(cwd, 'Kit.FIELDROOM-KIT') }],
    [[join('pilot', 's1', 'manifest.json')], { kind: 'session', folder: join(cwd, 'pilot', 's1') }],
    [[join('pilot', 's1', 'open.fieldroom')], { kind: 'session', folder: join(cwd, 'pilot', 's1') }],
    [['fieldroom://sessions/pilot/20261122-141503-7f3a9c'], SESSION],
    [['.', '--hidden', '--data=x', 'notes.txt', 'kit.json'], null],
    [['--kit', 'mine.fieldroom-kit', '--data', 'a.fieldroom'], null],
    [[], null],
  ])('%j requests %j', (argv, wanted) => expect(openRequestOf(argv, cwd)).toEqual(wanted));

  it('accepts no file or flag after a link, which a web page may have written', () => {
    const argv = ['--data', 'd', 'fieldroom://sessions', '--kit', 'evil.json', '/tmp/evil.fieldroom-kit'];
    expect(openRequestOf(argv, cwd)).toEqual({ kind: 'link', session: null });
    expect(ownWords(argv)).toEqual(['--data', 'd']);
    expect(ownWords(['--kit', 'k'])).toEqual(['--kit', 'k']);
  });
});

it('is not repeated when the app restarts', () => {
  expect(withoutRequest(['.', '--data', 'd', 'a.fieldroom-kit'], cwd)).toEqual(['.', '--data', 'd']);
  expect(withoutRequest(['.', '--kit', 'a.fieldroom-kit', 'fieldroom://sessions', 'x'], cwd)).toEqual([
    '.',
    '--kit',
    'a.fieldroom-kit',
  ]);
});

describe('a link', () => {
  it.each([
    'fieldroom:',
    'fieldroom://',
    'fieldroom://setup',
    'fieldroom://record/now',
    'fieldroom://sessions/../../etc/passwd',
    'fieldroom://sessions/pilot/..%2F..%2Fetc',
    'fieldroom://sessions/pilot/20261122-141503-7f3a9c/../../x',
    'fieldroom://sessions/pilot/20261122-141503-7f3a9c?data=/x',
    'fieldroom://sessions/PILOT/20261122-141503-7f3a9c',
    `fieldroom://sessions/${'a'.repeat(400)}/20261122-141503-7f3a9c`,
    'fieldroom://sessions/pilot/20261122-141503-7f3a9c" --data "c:',
  ])('%s is not valid', (link) => expect(parseLink(link)).toEqual({ kind: 'unknown-link' }));

  it('never yields anything but ids that are safe in a path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 40 }), (study, id) => {
        const request = parseLink(`fieldroom://sessions/${study}/${id}`);
        if (request.kind !== 'link' || request.session === null) return;
        expect(request.session.study).toMatch(/^[a-z0-9-]+$/);
        expect(request.session.id).toMatch(/^[0-9a-f-]+$/);
      }),
    );
  });
});

it('shows the text of a file as one short line', () => {
  expect(shortText('A\r\nB\u202Etxt.exe\u0007')).toBe('A B txt.exe');
  expect(shortText('x'.repeat(500))).toHaveLength(120);
});
