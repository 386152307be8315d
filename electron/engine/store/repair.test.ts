import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySession } from '../../session/check/verify.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import { repairSession } from '../../session/repair/repairSession.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { countedPayload, temporaryFolder, testStore, videoStream, writeCrashedSession } from './testKit.ts';

const PACKETS = 200;
const SAMPLES = 10_000;
const { folder, remove } = temporaryFolder();
let copies = 0;

beforeAll(() => writeCrashedSession(folder, 1000));
afterAll(remove);

const video = (root: string): string => join(root, 'media/cam-1/0001.mkv');
const sql =
  (text: string) =>
  (root: string): void => {
    const db = new Database(join(root, 'session.sqlite'));
    db.exec(text);
    db.close();
  };
function overwrite(path: string, at: number, ...bytes: number[]): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Uint8Array.from(bytes), 0, bytes.length, at);
  closeSync(fd);
}
const placeOf = (seq: number): number => {
  using reader = openSession(folder);
  return reader.packets('cam-1', 0n, 10n ** 12n)[seq]?.offset as number;
};

interface After {
  root: string;
  /** Codes of what was repaired. */
  codes: string[];
  packets: number[];
  samples: number[];
  gaps: { cause: string; missing: number; lost: number }[];
  notes: string[];
}

/**
 * Damages and repairs a copy: it verifies again, a second repair finds nothing, and everything readable is as recorded.
 */
async function repaired(damage: (root: string) => void): Promise<After> {
  const root = join(folder, '..', `copy-${copies++}`);
  cpSync(folder, root, { recursive: true });
  damage(root);
  const { findings } = repairSession(root);
  expect((await verifySession(root)).findings).toEqual([]);
  expect(repairSession(root).findings).toEqual([]);
  using reader = openSession(root);
  const packets = reader.packets('cam-1', 0n, 10n ** 12n);
  for (const packet of packets) expect(reader.packetBytes(packet)).toEqual(countedPayload(packet.seq, 500));
  const samples = reader.samples('heart', 0n, 10n ** 12n, 50_000);
  expect(samples.values[1]).toEqual(samples.seq.map((seq) => seq * 2));
  const gaps = reader.db.prepare('SELECT cause, missing_seqs AS missing, lost FROM gap ORDER BY id').all();
  const notes = reader.db.prepare("SELECT code FROM event WHERE part = 'repair' ORDER BY id").pluck().all();
  return {
    root,
    codes: [...new Set(findings.map((f) => f.code))].sort(),
    packets: packets.map((p) => p.seq),
    samples: samples.seq,
    gaps: gaps as After['gaps'],
    notes: notes as string[],
  };
}
const without = (count: number, from: number, to: number): number[] =>
  Array.from({ length: count }, (_, i) => i).filter((seq) => seq < from || seq > to);

describe('repair', () => {
  it('changes nothing in an undamaged session', async () => {
    expect(await repaired(() => {})).toMatchObject({ codes: [], notes: [], gaps: [] });
  });

  it('removes a damaged packet, records the gap, and leaves a file that is readable after it', async () => {
    const after = await repaired((root) => overwrite(video(root), placeOf(77) + 100, 255));
    expect(after.codes).toEqual(['index.counters', 'media.packet-damaged']);
    expect(after.notes).toEqual(['media.packet-damaged', 'index.counters']);
    expect(after.packets).toEqual(without(PACKETS, 77, 77));
    expect(after.gaps).toEqual([{ cause: 'damaged', missing: 1, lost: 1 }]);
  });

  it('continues reading after bytes that are not valid Matroska', async () => {
    const after = await repaired((root) => overwrite(video(root), placeOf(100) - 7, 255, 255, 255, 255, 255, 255, 255));
    expect(after.codes).toContain('media.structure');
    expect(after.packets).toEqual(without(PACKETS, 100, 100));
  });

  it('reports packets lost at the end of a file, and allows their numbers to be reused', async () => {
    const after = await repaired((root) => truncateSync(video(root), placeOf(190) + 5));
    expect(after.packets).toEqual(without(PACKETS, 190, PACKETS));
    expect(after.gaps).toEqual([{ cause: 'damaged', missing: 0, lost: 10 }]);
    const { store, open, declare } = testStore();
    open(after.root);
    expect(await declare(videoStream('cam-1'))).toMatchObject({ nextSeq: 190 });
    store.handle({ type: 'close', request: 1 });
  });

  it('reports a missing file, and a file that is not in the index', async () => {
    const after = await repaired((root) => {
      rmSync(video(root));
      cpSync(video(folder), join(root, 'media/cam-1/0007.mkv'));
    });
    expect(after.codes).toEqual(['index.counters', 'media.file-missing', 'media.unindexed-file']);
    expect(after.packets).toEqual([]);
    // 4 s of video is more than a crash leaves unacknowledged, so it may be wanted.
    expect(readdirSync(join(after.root, 'rescued'))).toEqual(['cam-1-0007.mkv']);
  });

  it('drops data after the last acknowledged packet, and reports it', async () => {
    const after = await repaired((root) => appendFileSync(video(root), 'half a block'));
    expect(after).toMatchObject({ codes: ['media.tail-dropped'], notes: ['media.tail-dropped'] });
    expect(after.packets).toHaveLength(PACKETS);
  });

  it('does not trust a time in the index whose checksum is wrong', async () => {
    const after = await repaired(sql('UPDATE packet SET publisher_ns = publisher_ns + 1024 WHERE seq = 50'));
    expect(after.codes).toContain('index.packet-damaged');
    expect(after.packets).toEqual(without(PACKETS, 50, 50));
  });

  it('removes a damaged batch of samples with all its rows, and rebuilds the plots', async () => {
    const after = await repaired(sql('UPDATE samples_heart SET ch1 = ch1 + 1e-9 WHERE seq = 5500'));
    expect(after.codes).toEqual(['index.counters', 'samples.batch-damaged', 'samples.plot']);
    expect(after.samples).toEqual(without(SAMPLES, 5000, 5999));
    expect(after.gaps).toEqual([{ cause: 'damaged', missing: 1000, lost: 1000 }]);
  });

  it('repairs plots, counters, batch times and the manifest from verified data', async () => {
    const after = await repaired((root) => {
      sql(`UPDATE decimated_heart SET ch1_max = 7 WHERE level = 128 AND first_seq = 128;
        UPDATE stream_state SET count = count + 1; UPDATE batch SET reached_publisher_ns = 1 WHERE first_seq = 3000;`)(
        root,
      );
      writeFileSync(join(root, 'manifest.json'), '{');
    });
    expect(after.codes).toEqual(['index.counters', 'manifest.damaged', 'samples.batch-times', 'samples.plot']);
    expect(after.samples).toHaveLength(SAMPLES);
  });

  it('refuses a file that is not an index, and changes nothing', () => {
    const root = join(folder, '..', `copy-${copies++}`);
    cpSync(folder, root, { recursive: true });
    writeFileSync(join(root, 'session.sqlite'), 'no database, just text'.repeat(99));
    rmSync(join(root, 'manifest.json'));
    expect(() => repairSession(root)).toThrow(expect.objectContaining({ code: 'store.damaged' }));
    expect(existsSync(video(root))).toBe(true);
    expect(existsSync(join(root, 'manifest.json'))).toBe(false);
    expect(() => repairSession(join(root, 'nothing'))).toThrow(expect.objectContaining({ code: 'store.no-session' }));
  });

  it('is part of sealing, and leaves a sealed session alone', async () => {
    const root = join(folder, '..', `copy-${copies++}`);
    cpSync(folder, root, { recursive: true });
    overwrite(video(root), placeOf(77) + 100, 255);
    expect((await sealSession(root)).findings.map((f) => f.code)).toContain('media.packet-damaged');
    expect(await verifySession(root)).toMatchObject({ ok: true, sealed: true });
    overwrite(video(root), placeOf(20) + 100, 255);
    expect(repairSession(root)).toEqual({ sealed: true, findings: [] });
    expect((await verifySession(root)).findings.map((f) => f.code)).toEqual([
      'manifest.file-changed',
      'media.packet-damaged',
    ]);
  });
});
