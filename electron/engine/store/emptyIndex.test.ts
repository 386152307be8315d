/** An index that SQLite opens but that contains nothing is refused with a clear error, and left unchanged. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openSession } from '../../session/read/sessionReader.ts';
import { repairSession } from '../../session/repair/repairSession.ts';
import { temporaryFolder } from './testKit.ts';

it.each([
  ['read', (folder: string) => openSession(folder)],
  ['repaired', (folder: string) => repairSession(folder)],
])('an empty index is not %s', async (_how, work) => {
  const { folder, remove } = temporaryFolder();
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'session.sqlite'), '');
    await expect((async () => work(folder))()).rejects.toMatchObject({ code: 'store.damaged' });
    expect(readFileSync(join(folder, 'session.sqlite'))).toHaveLength(0);
  } finally {
    remove();
  }
});
