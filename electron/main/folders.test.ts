import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { FieldroomError } from '../common/errors.ts';
import { folderInside, prepareFolders } from './folders.ts';

let root: string;
let data: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fieldroom-folders-'));
  data = join(root, 'data');
  prepareFolders(data, [join(data, '.fieldroom', 'electron')]);
});

describe('folders that a window may open', () => {
  it('are inside the data folder', () => {
    const session = join(data, 'study', 's1');
    mkdirSync(session, { recursive: true });
    expect(folderInside(data, session)).toBe(session);
    expect(folderInside(data, data)).toBe(data);
  });

  it('are not outside it, however the path is written', () => {
    mkdirSync(join(root, 'data-else'));
    symlinkSync(root, join(data, 'out'));
    for (const path of [root, join(data, '..'), join(root, 'data-else'), join(data, 'out')])
      expect(() => folderInside(data, path)).toThrow(FieldroomError);
  });

  it('are existing folders, not programs', () => {
    writeFileSync(join(data, 'run.sh'), '');
    expect(() => folderInside(data, join(data, 'run.sh'))).toThrow(FieldroomError);
    expect(() => folderInside(data, join(data, 'none'))).toThrow(/not found/);
  });
});

it('reports in one sentence that the data folder is not writable', () => {
  writeFileSync(join(root, 'file'), '');
  const inFile = join(root, 'file', 'data');
  expect(() => prepareFolders(inFile, [join(inFile, '.fieldroom')])).toThrow(
    /^The data folder .* cannot be written \(ENOTDIR\)\.$/,
  );
});
