/** Sessions move between systems: sessions made on one system are read on the other, whole and under the same names. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseKit } from '../../electron/common/kit.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { kitFile, kitText, makeExchange, SESSIONS, sessionFolder } from './exchange.ts';

interface Manifest {
  session: { id: string };
  files: { path: string; bytes: number; sha256: string }[];
}

const place = mkdtempSync(join(tmpdir(), 'fr-exchange-'));
/** Folder of the sessions made on another system; without it, our own are read again. */
const theirs = process.env.FIELDROOM_TEST_EXCHANGE ?? place;
beforeAll(() => makeExchange(process.env.FIELDROOM_TEST_EXCHANGE_OUT ?? place));
afterAll(() => rmSync(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
const all = Array.from({ length: SESSIONS }, (_, i) => i);

it.each(all)('session %i is whole, with names that are valid on every system', async (i) => {
  const folder = sessionFolder(theirs, i);
  expect(await verifySession(folder)).toMatchObject({ ok: true, sealed: true, findings: [] });
  using index = new SessionIndex(folder);
  const files = index.all<{ file: string }>('SELECT file FROM segment').map(({ file }) => file);
  expect(files).toEqual([`media/cam-${i}/0001.mkv`]);
  expect(index.packets(`cam-${i}`)).toHaveLength(60 + i);
  expect(index.samples(`sensor-${i}`)).toHaveLength(500 + i);
  const { session, files: listed } = manifestOf(folder);
  expect(session.id).toBe(`20261130-10150${i}-00000${i}`);
  expect(listed.map(({ path }) => path)).toContain(`media/cam-${i}/0001.mkv`);
  expect(JSON.stringify(listed)).not.toContain('\\');
});

it.each(all)('session %i has the same bytes on both systems', (i) => {
  const own = manifestOf(sessionFolder(process.env.FIELDROOM_TEST_EXCHANGE_OUT ?? place, i));
  const other = manifestOf(sessionFolder(theirs, i));
  const media = ({ files }: Manifest) => files.filter(({ path }) => path.startsWith('media/'));
  expect(media(other)).toEqual(media(own));
  expect(other.files.map(({ path }) => path)).toEqual(own.files.map(({ path }) => path));
});

it.each(all)('kit %i is read as written', (i) => {
  const text = readFileSync(kitFile(theirs, i), 'utf8');
  expect(text).toBe(kitText(i));
  expect(parseKit(text, 'kit')).toMatchObject({
    study: `study-${i}`,
    sources: [{ id: `cam-${i}` }, { id: `sensor-${i}` }],
  });
});
