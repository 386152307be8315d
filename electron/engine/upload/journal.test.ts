import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { Journal } from './journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldroom-journal-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const path = (): string => join(folder, `${files++}.sqlite`);

const session = (change: object = {}) => ({
  ...{ folder: '/data/pilot/s1', study: 'pilot', session: 's1', manifestSha256: 'aa', place: '/stick' },
  settings: { kind: 'folder' as const, path: '/stick' },
  files: [{ path: 'session.sqlite', bytes: 100, sha256: 'ff' }],
  ...change,
});

describe('the journal of uploads', () => {
  it('keeps confirmed parts when the same session is added again, and starts over for another manifest', () => {
    const at = path();
    const journal = new Journal(at);
    const { id } = journal.add(session());
    const file = journal.file(id, 'session.sqlite');
    journal.begun(file?.id ?? 0, 'upload-1', 60);
    journal.confirmed(file?.id ?? 0, { number: 1, bytes: 60, sha256: 'ee', tag: '"t"' });
    journal.close();
    const again = new Journal(at);
    expect(again.add(session()).id).toBe(id);
    expect(again.confirmedBytes(id)).toBe(60);
    expect(again.parts(file?.id ?? 0)).toEqual([{ number: 1, bytes: 60, sha256: 'ee', tag: '"t"' }]);
    const anew = again.add(session({ manifestSha256: 'bb' }));
    expect(again.confirmedBytes(anew.id)).toBe(0);
    again.close();
  });

  it('assigns an upload to one running process, and reassigns it when that process dies', () => {
    const journal = new Journal(path());
    const { id } = journal.add(session());
    journal.claim(id, process.ppid);
    expect(() => journal.claim(id)).toThrow(expect.objectContaining({ code: 'upload.in-work' }));
    const other = journal.add(session({ session: 's2' }));
    // Above the maximum on Linux: no process has this id.
    journal.claim(other.id, 2 ** 22 + 1);
    journal.claim(other.id);
    journal.close();
  });

  it('keeps the order that a person set', () => {
    const journal = new Journal(path());
    const ids = ['a', 'b', 'c'].map((name) => journal.add(session({ session: name })).id);
    journal.order([ids[2] ?? 0, ids[0] ?? 0]);
    expect(journal.uploads().map((upload) => upload.session)).toEqual(['c', 'a', 'b']);
    journal.close();
  });

  it('is refused when a newer Fieldroom wrote it', () => {
    const at = path();
    new Journal(at).close();
    const db = new Database(at);
    db.pragma('user_version = 9999');
    db.close();
    expect(() => new Journal(at)).toThrow(expect.objectContaining({ code: 'upload.journal-newer' }));
  });
});
