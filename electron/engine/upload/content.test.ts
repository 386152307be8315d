import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileContent } from './content.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldroom-content-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const path = join(folder, 'file');
const bytes = randomBytes(10_000);
const memory = Buffer.alloc(10_000);

function content(onDisk = bytes): FileContent {
  writeFileSync(path, onDisk);
  return new FileContent(dirname(path), basename(path), bytes.length, sha256(bytes));
}

describe('a file read for upload', () => {
  it('is returned in slices with their hashes, also when resumed in the middle or rewound', async () => {
    const file = content();
    for (const [start, end] of [
      [0, 4000],
      [4000, 8000],
      [5000, 8000],
      [0, 3000],
      [6000, 10_000],
    ] as const) {
      const slice = await file.slice(start, end, memory);
      expect(slice.data.equals(bytes.subarray(start, end))).toBe(true);
      expect(slice.sha256).toBe(sha256(bytes.subarray(start, end)));
    }
    await file.close();
  });

  it.each([
    [0, 10_000],
    [9999, 10_000],
  ] as const)('keeps its last bytes back when any byte before them rotted', async (start, end) => {
    const rotten = Buffer.from(bytes);
    rotten[17] = (rotten[17] ?? 0) ^ 4;
    const file = content(rotten);
    await expect(file.slice(start, end, memory)).rejects.toMatchObject({ code: 'upload.file-changed' });
    await file.close();
  });

  it('is refused when its size has changed', async () => {
    const file = content();
    await file.slice(0, 5000, memory);
    truncateSync(path, 7000);
    await expect(file.slice(5000, 10_000, memory)).rejects.toMatchObject({ code: 'upload.file-changed' });
    await file.close();
    const longer = content(Buffer.concat([bytes, Buffer.of(1)]));
    await expect(longer.slice(0, 5000, memory)).rejects.toMatchObject({ code: 'upload.file-changed' });
    await longer.close();
  });
});
