// Any changed byte of a sealed session is found and reported, and its manifest is restored or reported as lost.
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMarker } from '../../session/annotations.ts';
import { verifySession } from '../../session/check/verify.ts';
import { repairSession } from '../../session/repair/repairSession.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { sealHooks } from '../../session/seal/sealHooks.ts';
import { shorten, writeVerified } from '../review/receipts.ts';
import { readSealed } from '../upload/manifestReader.ts';
import { writeCrashedSession } from './testKit.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-sealed-'));
const sealed = join(root, 'sealed');
let copies = 0;

beforeAll(async () => {
  await writeCrashedSession(sealed, 1000);
  await sealSession(sealed, sealHooks);
  addMarker(sealed, { atNs: 5n, code: 'note', note: 'added in review', author: 'operator' });
  writeVerified(sealed, shorten(await verifySession(sealed)));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function copy(): string {
  const folder = join(root, `copy-${copies++}`);
  cpSync(sealed, folder, { recursive: true });
  return folder;
}
const flip = (path: string, at: number): void => {
  const bytes = readFileSync(path);
  bytes.writeUInt8((bytes[at] as number) ^ 0x10, at);
  writeFileSync(path, bytes);
};

describe('a sealed session', () => {
  it('verifies without findings', async () => {
    expect(await verifySession(sealed)).toMatchObject({ ok: true, sealed: true });
  });

  it('reports every file in which one byte was changed, at any position', async () => {
    const files = readdirSync(sealed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(sealed.length + 1)
          .replaceAll('\\', '/'),
      );
    expect(files).toEqual(expect.arrayContaining(['annotations.sqlite', 'commits.log', 'receipt-seal.json']));
    for (const file of files) {
      const size = readFileSync(join(sealed, file)).length;
      for (const at of [0, Math.floor(size / 3), Math.floor(size / 2), size - 1]) {
        const folder = copy();
        flip(join(folder, file), at);
        const { findings } = await verifySession(folder);
        expect(
          findings.map(({ where }) => where),
          `${file} byte ${at}`,
        ).toContain(file);
      }
    }
  });

  it('reports missing and unexpected files', async () => {
    const folder = copy();
    rmSync(join(folder, 'annotations.sqlite'));
    writeFileSync(join(folder, 'media', 'cam-1', 'notes.txt'), 'x');
    writeFileSync(join(folder, '.DS_Store'), 'x');
    const found = (await verifySession(folder)).findings.map(({ code, where }) => `${code} ${where}`);
    expect(found).toEqual(
      expect.arrayContaining(['manifest.file-unknown media/cam-1/notes.txt', 'annotations.missing annotations.sqlite']),
    );
    expect(found.join()).not.toContain('DS_Store');
  });

  it('gets a damaged manifest back byte for byte, from its receipt or from the index', async () => {
    for (const withReceipt of [true, false]) {
      const folder = copy();
      const before = readFileSync(join(folder, 'manifest.json'), 'utf8');
      flip(join(folder, 'manifest.json'), 0);
      if (!withReceipt) rmSync(join(folder, 'receipt-seal.json'));
      expect(repairSession(folder)).toMatchObject({ sealed: true, findings: [{ code: 'manifest.damaged' }] });
      const after = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: unknown };
      expect(after.files).toEqual((JSON.parse(before) as { files: unknown }).files);
      if (withReceipt) expect(readFileSync(join(folder, 'manifest.json'), 'utf8')).toBe(before);
      expect(await verifySession(folder)).toMatchObject({ ok: true });
      expect(repairSession(folder)).toEqual({ sealed: true, findings: [] });
    }
  });

  it('does not compute hashes from files that cannot be verified', () => {
    const folder = copy();
    flip(join(folder, 'manifest.json'), 0);
    rmSync(join(folder, 'receipt-seal.json'));
    flip(join(folder, 'media/cam-1/0001.mkv'), 5000);
    expect(() => repairSession(folder)).toThrow(expect.objectContaining({ code: 'store.manifest-lost' }));
  });

  it('is not uploaded or freed with an incomplete manifest', () => {
    const folder = copy();
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: { path: string }[] };
    manifest.files = manifest.files.filter(({ path }) => !path.endsWith('.mkv'));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    expect(() => readSealed(folder)).toThrow(expect.objectContaining({ code: 'upload.incomplete-manifest' }));
    expect(readSealed(sealed).files.length).toBeGreaterThan(3);
  });

  it('finds annotations that another program changed', async () => {
    const folder = copy();
    appendFileSync(join(folder, 'annotations.sqlite'), 'x');
    expect((await verifySession(folder)).findings.map(({ code }) => code)).toEqual(['annotations.changed']);
  });
});
