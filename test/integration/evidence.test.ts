/**
 * Acknowledged data exists or is in a recorded gap, whatever happens to index, log or media; intact data is never
 * destroyed.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLOCK,
  countedPayload,
  testFit,
  testPacket,
  testStore,
  videoStream,
} from '../../electron/engine/store/testKit.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { openSession } from '../../electron/session/read/sessionReader.ts';
import { repairSession } from '../../electron/session/repair/repairSession.ts';
import { ACKED, intactIn, tornSession, untoldIn, wrongIn } from '../chaos/torn/session.ts';

let root: string;
let left: string;
let copies = 0;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fieldroom-evidence-'));
  left = (await tornSession(root)).folder;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface After {
  folder: string;
  codes: string[];
  /** For each stream. */
  count: Record<string, number>;
  gaps: { stream: string; cause: string; lost: number }[];
}

/**
 * Repairs a damaged copy. It must be correct and whole, with every loss in a gap, nothing intact lost, and a second
 * repair that changes no byte.
 */
async function repaired(damage: (folder: string) => void): Promise<After> {
  const folder = join(root, `copy-${copies++}`);
  cpSync(left, folder, { recursive: true });
  damage(folder);
  const before = intactIn(folder);
  const { findings } = repairSession(folder);
  expect(wrongIn(folder)).toEqual([]);
  expect(untoldIn(folder)).toEqual([]);
  expect((await verifySession(folder)).findings).toEqual([]);
  const kept = intactIn(folder);
  expect([...before].filter((packet) => !kept.has(packet))).toEqual([]);
  const index = readFileSync(join(folder, 'session.sqlite'));
  expect(repairSession(folder).findings).toEqual([]);
  expect(readFileSync(join(folder, 'session.sqlite')).equals(index)).toBe(true);
  using reader = openSession(folder);
  const rows = reader.db.prepare('SELECT s.name, t.count FROM stream s JOIN stream_state t ON t.stream = s.id').all();
  const gaps = reader.db
    .prepare('SELECT s.name AS stream, cause, lost FROM gap g JOIN stream s ON s.id = g.stream ORDER BY g.id')
    .all() as After['gaps'];
  return {
    folder,
    // The last step was written and not acknowledged: its media are always lost.
    codes: [...new Set(findings.map(({ code }) => code))].filter((code) => code !== 'media.tail-dropped').sort(),
    count: Object.fromEntries((rows as { name: string; count: number }[]).map(({ name, count }) => [name, count])),
    gaps,
  };
}

const edit =
  (file: string, change: (bytes: Buffer) => void) =>
  (folder: string): void => {
    const bytes = readFileSync(join(folder, file));
    change(bytes);
    writeFileSync(join(folder, file), bytes);
  };
const WAL = 'session.sqlite-wal';
const VIDEO = 'media/cam-1/0001.mkv';

describe('the write-ahead log', () => {
  it('with one damaged byte anywhere loses nothing', async () => {
    const size = readFileSync(join(left, WAL)).length;
    for (let i = 0; i < 24; i += 1) {
      const at = Math.floor(((i + 0.5) * size) / 24);
      const after = await repaired(edit(WAL, (bytes) => bytes.writeUInt8((bytes[at] as number) ^ 0x55, at)));
      expect(after.count, `byte ${at} of ${size}`).toMatchObject(ACKED);
      expect(after.gaps).toEqual([]);
    }
  });

  it('with a damaged page loses no more than is recorded as lost, and is kept unchanged', async () => {
    const after = await repaired(edit(WAL, (bytes) => bytes.fill(0xee, 40_000, 44_096)));
    expect(after.codes).toContain('index.wal-damaged');
    expect(existsSync(join(after.folder, 'rescued/index-1.sqlite-wal'))).toBe(true);
  });

  it('that is cut loses rows but no media: their bytes are kept', async () => {
    const size = readFileSync(join(left, WAL)).length;
    const after = await repaired((folder) => truncateSync(join(folder, WAL), Math.floor(size * 0.75)));
    expect(after.codes).toContain('index.behind');
  });

  it('that is missing leaves a session that knows its name and reports what is lost', async () => {
    const after = await repaired((folder) => rmSync(join(folder, WAL)));
    expect(after.codes).toContain('index.behind');
    for (const [stream, count] of Object.entries(ACKED)) {
      const lost = after.gaps.filter((gap) => gap.stream === stream).reduce((sum, gap) => sum + gap.lost, 0);
      expect(lost + (after.count[stream] ?? 0), stream).toBe(count);
    }
    expect(after.gaps.every(({ cause }) => cause === 'damaged')).toBe(true);
    using reader = openSession(after.folder);
    expect(reader.db.prepare('SELECT id FROM session').pluck().get()).toMatch(/./);
  });
});

describe('media', () => {
  it('a stream that loses all of it has a gap for all of it', async () => {
    const { gaps, count } = await repaired((folder) => rmSync(join(folder, 'media/cam-1'), { recursive: true }));
    expect(count['cam-1']).toBe(0);
    expect(gaps).toEqual([{ stream: 'cam-1', cause: 'damaged', lost: ACKED['cam-1'] }]);
  });

  it('whose head is lost together with the write-ahead log is set aside', async () => {
    const after = await repaired((folder) => {
      rmSync(join(folder, WAL));
      edit(VIDEO, (bytes) => bytes.fill(0, 0, 64))(folder);
    });
    expect(existsSync(join(after.folder, VIDEO)) || readdirSync(join(after.folder, 'rescued')).length > 0).toBe(true);
  });

  it('after the last acknowledged packet is kept where it cannot be read', async () => {
    const end = (folder: string): number => {
      using reader = openSession(folder);
      return Math.max(...reader.packets('cam-1', 0n, 10n ** 15n).map(({ offset, length }) => offset + length));
    };
    const tail = Buffer.alloc(68_000, 7);
    const after = await repaired((folder) => {
      const bytes = readFileSync(join(folder, VIDEO)).subarray(0, end(folder));
      writeFileSync(join(folder, VIDEO), Buffer.concat([bytes, tail]));
    });
    const [kept] = readdirSync(join(after.folder, 'rescued'));
    expect(readFileSync(join(after.folder, 'rescued', kept as string)).equals(tail)).toBe(true);
  });
});

describe('the commit log', () => {
  it('that is missing or damaged is reported, and rebuilt from the index', async () => {
    expect((await repaired((folder) => rmSync(join(folder, 'commits.log')))).codes).toEqual(['log.missing']);
    const half = edit('commits.log', (bytes) => bytes.writeUInt8((bytes[1000] as number) ^ 1, 1000));
    const after = await repaired(half);
    expect(after.codes).toEqual(['log.damaged']);
    expect(after.count).toMatchObject(ACKED);
  });

  it('restores a changed row: a time, a marker, a name', async () => {
    const { default: Database } = await import('better-sqlite3');
    const after = await repaired((folder) => {
      const db = new Database(join(folder, 'session.sqlite'));
      db.exec("UPDATE fit SET offset_ns = offset_ns + 1; UPDATE stream SET label = 'x'; DELETE FROM session");
      db.close();
    });
    expect(after.codes).toEqual(['index.rows']);
    using reader = openSession(after.folder);
    expect(reader.db.prepare('SELECT offset_ns FROM fit').pluck().get()).toBe(0);
  });
});

describe('while it is recorded', () => {
  it.runIf(process.platform !== 'win32')('a removed or replaced media file is restored, and reported', async () => {
    const folder = join(root, 'recorded');
    const { store, events, open, declare } = testStore({ flushMs: 1e9 });
    open(folder);
    store.handle({ type: 'fit', fit: testFit(0n) });
    await declare(videoStream('cam-1'));
    const send = (seq: number): void => {
      store.handle({
        type: 'packet',
        stream: 'cam-1',
        clock: CLOCK,
        bytes: testPacket(seq, { key: seq === 0, size: 500 }),
      });
      store.flush();
    };
    const path = join(folder, VIDEO);
    send(0);
    rmSync(path);
    send(1);
    renameSync(path, join(root, 'stolen.mkv'));
    writeFileSync(path, 'another file');
    send(2);
    store.handle({ type: 'close', request: 1 });
    const told = events.filter((event) => event.type === 'refused').map(({ error }) => error.code);
    expect(told).toEqual(['store.media-removed', 'store.media-removed']);
    expect((await verifySession(folder)).findings).toEqual([]);
    using reader = openSession(folder);
    const packets = reader.packets('cam-1', 0n, 10n ** 15n);
    expect(
      packets.map((packet) => Buffer.from(reader.packetBytes(packet)).equals(countedPayload(packet.seq, 500))),
    ).toEqual([true, true, true]);
  });

  it.runIf(process.platform !== 'win32')('a folder that is deleted is reported at the next commit', async () => {
    const folder = join(root, 'deleted');
    const { store, events, open, declare } = testStore({ flushMs: 1e9 });
    open(folder);
    await declare(videoStream('cam-1'));
    const send = (seq: number): void =>
      void store.handle({
        type: 'packet',
        stream: 'cam-1',
        clock: CLOCK,
        bytes: testPacket(seq, { key: true, size: 500 }),
      });
    send(0);
    rmSync(folder, { recursive: true });
    send(1);
    store.flush();
    expect(events.find((event) => event.type === 'trouble')).toMatchObject({ error: { code: 'store.gone' } });
    expect(events.some((event) => event.type === 'ack')).toBe(false);
    expect(() => store.handle({ type: 'close', request: 1 })).toThrow();
  });
});
