import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { prepareDataFolder } from './dataFolder.ts';

it.runIf(process.platform !== 'win32')('closes the private folder to other users, also one that existed before', () => {
  const data = mkdtempSync(join(tmpdir(), 'fieldroom-private-'));
  try {
    const own = join(data, '.fieldroom');
    mkdirSync(own);
    chmodSync(own, 0o755);
    prepareDataFolder(data);
    expect(statSync(own).mode & 0o777).toBe(0o700);
  } finally {
    rmSync(data, { recursive: true });
  }
});
