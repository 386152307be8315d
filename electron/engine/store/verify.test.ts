import { appendFileSync, closeSync, cpSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySession } from '../../session/check/verify.ts';
import { plotChannel } from '../../session/read/plot.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { temporaryFolder, writeCrashedSession } from './testKit.ts';

const { folder, remove } = temporaryFolder();
const sealed = join(folder, '..', 'sealed');
let copies = 0;

beforeAll(async () => {
  await writeCrashedSession(folder);
  cpSync(folder, sealed, { recursive: true });
  await sealSession(sealed);
});
afterAll(remove);

/** Damages and verifies a copy of the session. Returns the distinct codes of the findings. */
async function codesAfter(damage: (root: string) => void, from = folder): Promise<string[]> {
  const root = join(folder, '..', `copy-${copies++}`);
  cpSync(from, root, { recursive: true });
  damage(root);
  const { findings, ok } = await verifySession(root);
  expect(ok).toBe(findings.length === 0);
  return [...new Set(findings.map((f) => f.code))].sort();
}

const video = (root: string): string => join(root, 'media/cam-1/0001.mkv');
const sql =
  (text: string) =>
  (root: string): void => {
    const db = new Database(join(root, 'session.sqlite'));
    db.exec(text);
    db.close();
  };
function overwrite(path: string, at: number, byte: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Uint8Array.of(byte), 0, 1, at);
  closeSync(fd);
}

describe('verify', () => {
  it('finds nothing in an undamaged session, live or sealed, and counts everything', async () => {
    expect(await codesAfter(() => {})).toEqual([]);
    expect(await verifySession(sealed)).toMatchObject({
      ok: true,
      sealed: true,
      checked: { files: 3, packets: 200, samples: 10_000 },
    });
    expect((await verifySession(folder)).sealed).toBe(false);
  });

  it('finds and names every kind of damage', async () => {
    using reader = openSession(folder);
    const [packet] = reader.packets('cam-1', 1_000_000_000n, 1_000_000_000n);
    const at = packet?.offset as number;
    expect(await codesAfter((root) => overwrite(video(root), at + 100, 255))).toEqual(['media.packet-damaged']);
    expect(await codesAfter((root) => truncateSync(video(root), at))).toEqual(['media.more', 'media.packet-missing']);
    expect(await codesAfter((root) => rmSync(video(root)))).toEqual(['media.file-missing']);
    expect(await codesAfter(sql('DELETE FROM packet WHERE seq = 77'))).toEqual([
      'index.acknowledged',
      'index.counters',
      'index.sequence',
      'media.block-unknown',
    ]);
    expect(await codesAfter(sql('UPDATE packet SET length = length - 1 WHERE seq = 5'))).toEqual([
      'index.counters',
      'index.packet-damaged',
      'media.block-unknown',
    ]);
    expect(await codesAfter(sql('UPDATE samples_heart SET ch1 = ch1 + 1e-9 WHERE seq = 5000'))).toEqual([
      'samples.batch-damaged',
    ]);
    expect(await codesAfter(sql('DELETE FROM samples_heart WHERE seq = 5000'))).toEqual([
      'index.counters',
      'index.sequence',
      'samples.plot',
      'samples.rows-missing',
    ]);
    expect(await codesAfter(sql('INSERT INTO samples_heart (seq, clock, publisher_ns) VALUES (10000, 1, 0)'))).toEqual([
      'index.counters',
      'samples.rows-unknown',
    ]);
    expect(await codesAfter((root) => rmSync(join(root, 'manifest.json')))).toEqual(['manifest.missing']);
    expect(await codesAfter((root) => writeFileSync(join(root, 'manifest.json'), '{'))).toEqual(['manifest.damaged']);
    expect(
      await codesAfter((root) => writeFileSync(join(root, 'session.sqlite'), 'no database, just text'.repeat(99))),
    ).toEqual(['index.damaged']);
  });

  it('checks a sealed session against its manifest', async () => {
    expect(await codesAfter((root) => appendFileSync(video(root), 'x'), sealed)).toContain('manifest.file-size');
    expect(await codesAfter((root) => overwrite(video(root), 430, 255), sealed)).toContain('manifest.file-changed');
    expect(await codesAfter((root) => writeFileSync(join(root, 'media', 'extra.bin'), 'x'), sealed)).toContain(
      'manifest.file-unknown',
    );
    expect(await codesAfter((root) => writeFileSync(join(root, 'annotations.sqlite'), 'x'), sealed)).toEqual([]);
  });

  it('refuses a folder without a session', async () => {
    await expect(verifySession(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'store.no-session' });
  });
});

describe('reading', () => {
  it('plots the rows correctly at every window size', () => {
    using reader = openSession(sealed);
    for (const [from, to, points] of [
      [0, 9_999, 20],
      [0, 9_999, 100],
      [100, 9_900, 2000],
      [5_000, 5_100, 50],
    ] as const) {
      const plot = plotChannel(reader, 'heart', 'ch1', BigInt(from) * 1_000_000n, BigInt(to) * 1_000_000n, points);
      expect(plot.length).toBeGreaterThan(Math.min(points / 4, to - from) - 1);
      expect(plot.length).toBeLessThanOrEqual(points + 10);
      // ch1 is 2 * seq and a sample comes each millisecond, so every bucket can be checked against its own times.
      for (const { fromNs, toNs, min, max, mean, rows } of plot) {
        expect(min).toBe(Number(fromNs / 1_000_000n) * 2);
        expect(max).toBe(Number(toNs / 1_000_000n) * 2);
        expect(mean).toBeCloseTo(((min as number) + (max as number)) / 2, 6);
        expect(rows).toBe(((max as number) - (min as number)) / 2 + 1);
      }
      expect(Number(plot[0]?.fromNs)).toBeLessThanOrEqual(from * 1_000_000);
      expect(Number(plot.at(-1)?.toNs)).toBeGreaterThanOrEqual(to * 1_000_000);
    }
  });

  it('returns exactly the samples of a window', () => {
    using reader = openSession(sealed);
    const found = reader.samples('heart', 1_000_500_000n, 1_010_000_000n);
    expect(found.seq).toEqual([1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010]);
    expect(found.values[2]).toEqual(found.seq.map((seq) => seq * 3));
    expect(found.sessionNs[0]).toBe(1_001_000_000n);
    expect(reader.samples('heart', 0n, 10n ** 12n, 50_000).seq).toHaveLength(10_000);
    expect(reader.samples('heart', 20_000_000_000n, 30_000_000_000n).seq).toEqual([]);
    expect(() => reader.samples('nobody', 0n, 1n)).toThrow(expect.objectContaining({ code: 'store.stream-unknown' }));
  });
});
