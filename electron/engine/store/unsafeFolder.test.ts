// An untrusted session folder: nothing outside it is read, changed or waited for, whatever it contains.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySession } from '../../session/check/verify.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';
import { repairSession } from '../../session/repair/repairSession.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { writeCrashedSession } from './testKit.ts';

const SECRET = 'not part of any session';
const root = mkdtempSync(join(tmpdir(), 'fieldroom-unsafe-'));
const crashed = join(root, 'crashed');
const victim = join(root, 'victim');
let copies = 0;

beforeAll(() => writeCrashedSession(crashed, 1000));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const sql =
  (...lines: string[]) =>
  (folder: string): void => {
    const db = new Database(join(folder, 'session.sqlite'));
    for (const line of lines) db.exec(line);
    db.close();
    // An attacker cannot forge a matching log, but can omit it.
    rmSync(join(folder, 'commits.log'));
  };

/** A copy made unsafe, and a victim beside it. */
function unsafeCopy(change: (folder: string) => void): string {
  rmSync(victim, { recursive: true, force: true });
  mkdirSync(join(victim, 'inner'), { recursive: true });
  writeFileSync(join(victim, 'secret.txt'), SECRET);
  writeFileSync(join(victim, 'inner', 'secret.txt'), SECRET);
  const folder = join(root, `copy-${copies++}`);
  cpSync(crashed, folder, { recursive: true });
  change(folder);
  return folder;
}

const COMMANDS: Record<string, (folder: string) => unknown> = {
  verify: (folder) => verifySession(folder),
  repair: (folder) => repairSession(folder),
  seal: (folder) => sealSession(folder),
  inspect: (folder) => {
    using reader = openSession(folder);
    return summarize(reader);
  },
};

/** Every command refuses it with one of these codes, naming `named`; the victim is unchanged. */
async function refused(change: (folder: string) => void, named: string, code = 'store.unsafe-folder'): Promise<void> {
  for (const command of Object.values(COMMANDS)) {
    const folder = unsafeCopy(change);
    const said: unknown = await Promise.resolve()
      .then(() => command(folder))
      .catch((cause: unknown) => cause);
    // `verify` reports an unusable index as a finding.
    const [error] = said instanceof Error ? [said] : (said as { findings: Error[] }).findings;
    if (said instanceof Error) expect(said).toMatchObject({ code, nextStep: expect.stringMatching(/./) });
    expect(error?.message).toContain(named);
    for (const path of ['secret.txt', 'inner/secret.txt'])
      expect(readFileSync(join(victim, path), 'utf8')).toBe(SECRET);
  }
}

const onlyLinks = process.platform === 'win32' ? it.skip : it;

describe('a session folder that is unsafe', () => {
  it('is refused if its index names a file outside it', () =>
    refused(sql("UPDATE segment SET file = '../victim/secret.txt'"), '../victim/secret.txt'));

  it('is refused if its index names another of its files as media', () =>
    refused(sql("UPDATE segment SET file = 'manifest.json'"), 'manifest.json'));

  onlyLinks.each([
    ['media', 'inner'],
    ['rescued', 'inner'],
    ['manifest.json.new', 'secret.txt'],
    ['manifest.json', 'secret.txt'],
    ['.cut.sqlite', 'secret.txt'],
    ['receipt-verify.json', 'secret.txt'],
    ['receipt-verify.json.new', 'secret.txt'],
    ['timing.html', 'secret.txt'],
    ['session.sqlite', 'secret.txt'],
    ['session.sqlite-journal', 'secret.txt'],
    ['media/cam-1/0001.mkv', 'secret.txt'],
    ['media/cam-1/0002.mkv', 'nothing'],
    ['notes', 'inner'],
  ])('is refused with %s as a link', (name, target) =>
    refused((folder) => {
      rmSync(join(folder, name), { recursive: true, force: true });
      symlinkSync(join(victim, target), join(folder, name));
    }, name),
  );

  onlyLinks.each(['media/cam-1/0002.mkv', 'manifest.json', 'session.sqlite', 'anything'])(
    'is refused with %s as a pipe, and nobody waits for one',
    (name) =>
      refused((folder) => {
        rmSync(join(folder, name), { force: true });
        execFileSync('mkfifo', [join(folder, name)]);
      }, name),
  );

  it('is refused with a trigger, and with a view under the name of a table', async () => {
    await refused(
      sql('CREATE TRIGGER spy AFTER INSERT ON event BEGIN DELETE FROM packet; END'),
      'trigger spy',
      'store.foreign-index',
    );
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n';
    await refused(
      sql('DROP TABLE lifecycle', `CREATE VIEW lifecycle AS ${endless}`),
      'lifecycle',
      'store.foreign-index',
    );
  });

  it('has its views replaced by ours: an endless one is never run', () => {
    const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
      SELECT 'x' AS stream, i AS from_session_ns, i AS to_session_ns, 'x' AS cause, i AS missing, '' AS detail FROM n`;
    const folder = unsafeCopy(sql('DROP VIEW timed_gap', `CREATE VIEW timed_gap AS ${endless}`));
    using reader = openSession(folder);
    expect(reader.db.prepare('SELECT count(*) FROM timed_gap').pluck().get()).toBe(0);
  });

  it('is refused if the name of a stream or column is SQL', async () => {
    const declaration = `replace(declaration, '"heart"', '"x\\" UNION SELECT"')`;
    await refused(
      sql(`UPDATE stream SET declaration = ${declaration} WHERE name = 'heart'`),
      'declaration',
      'store.damaged',
    );
  });

  onlyLinks('shares no file with the outside where files are changed in place', () => {
    const folder = unsafeCopy((copy) => {
      renameSync(join(copy, 'session.sqlite'), join(victim, 'index'));
      linkSync(join(victim, 'index'), join(copy, 'session.sqlite'));
    });
    expect(() => repairSession(folder)).toThrow(expect.objectContaining({ code: 'store.unsafe-folder' }));
  });
});
