import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifySession } from '../../session/check/verify.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import {
  audioStream,
  CLOCK,
  countedPayload,
  sampleStream,
  testFit,
  testPacket,
  testSamples,
  testStore,
} from './testKit.ts';

let mount: string;
let ballast: string;
let folder: string;

beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'fieldroom-full-'));
  // The only file system that is small, quick to fill and always available; it needs root.
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', mount]);
  ballast = join(mount, 'ballast');
  folder = join(mount, 'session');
});
afterEach(() => {
  execFileSync('umount', [mount]);
  rmdirSync(mount);
});

function fill(): void {
  for (let size = 4096 * 1024; size >= 512; size /= 2) {
    try {
      writeFileSync(ballast, new Uint8Array(size), { flag: 'a' });
    } catch {
      // Part of it may have been written; the next, smaller piece continues.
    }
  }
}

describe('a disk that is full', () => {
  it('is reported; data stays in memory and is written when there is space again', async () => {
    const { store, events, open, declare } = testStore();
    open(folder);
    await declare(audioStream('mic-1'));
    await declare(sampleStream('heart'));
    store.handle({ type: 'fit', fit: testFit(0n) });
    const send = (from: number, to: number): void => {
      for (let seq = from; seq < to; seq += 1) {
        store.handle({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(seq, { size: 2000 }) });
        store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes: testSamples(seq * 20, 20) });
      }
    };
    const kinds = (): string[] => events.map((e) => e.type);
    send(0, 50);
    expect(store.flush()).toBe(true);
    fill();
    send(50, 250);
    expect(store.flush()).toBe(false);
    const trouble = events.find((e) => e.type === 'trouble');
    expect(trouble?.error).toMatchObject({ code: 'store.disk-full' });
    expect(trouble?.error.nextStep).toContain('Free some space');
    send(250, 300);
    expect(store.flush()).toBe(false);
    expect(events.findLast((e) => e.type === 'ack')?.acks).toContainEqual({ stream: 'mic-1', seq: 49 });
    await store.dispatch({ type: 'marker', request: 9, atNs: 0n, code: 'x', note: '', author: '' });
    expect(events.findLast((e) => e.type === 'failed')?.error.code).toBe('store.not-safe');

    rmSync(ballast);
    await expect.poll(kinds, { timeout: 5000 }).toContain('recovered');
    expect(events.findLast((e) => e.type === 'ack')?.acks).toContainEqual({ stream: 'mic-1', seq: 299 });
    send(300, 310);
    store.handle({ type: 'close', request: 1 });
    expect((await verifySession(folder)).findings).toEqual([]);
    using reader = openSession(folder);
    const packets = reader.packets('mic-1', 0n, 10n ** 15n);
    expect(packets.map((p) => p.seq)).toEqual(Array.from({ length: 310 }, (_, i) => i));
    for (const packet of packets) expect(reader.packetBytes(packet)).toEqual(countedPayload(packet.seq, 2000));
    expect(reader.samples('heart', 0n, 10n ** 15n).seq).toHaveLength(6200);
    expect(reader.db.prepare("SELECT count(*) FROM event WHERE code = 'store.recovered'").pluck().get()).toBe(1);
  });

  it('drops what does not fit into memory, and records that loss with its cause', async () => {
    const { store, events, open, declare } = testStore({ memoryLimitBytes: 100_000 });
    open(folder);
    await declare(audioStream('mic-1'));
    const send = (seq: number): Promise<void> =>
      store.dispatch({ type: 'packet', stream: 'mic-1', clock: CLOCK, bytes: testPacket(seq, { size: 2000 }) });
    fill();
    for (let seq = 0; seq < 100; seq += 1) {
      await send(seq);
      if (seq === 10) expect(store.flush()).toBe(false);
    }
    const refused = events.filter((e) => e.type === 'refused');
    expect(refused.length).toBeGreaterThan(30);
    expect(refused[0]?.error.code).toBe('store.memory-full');
    expect(store.pendingBytes).toBeLessThanOrEqual(100_000);
    rmSync(ballast);
    expect(store.flush()).toBe(true);
    await send(100);
    store.handle({ type: 'close', request: 1 });
    using reader = openSession(folder);
    expect(reader.db.prepare('SELECT cause, missing_seqs AS missing FROM gap').all()).toEqual([
      { cause: 'disk-full', missing: refused.length },
    ]);
    expect((await verifySession(folder)).findings).toEqual([]);
  });

  it('is reported before a session begins', () => {
    mkdirSync(folder);
    fill();
    expect(() => testStore().open(join(folder, 'a'))).toThrow(expect.objectContaining({ code: 'store.disk-full' }));
    execFileSync('mount', ['-o', 'remount,ro', mount]);
    expect(() => testStore().open(join(folder, 'b'))).toThrow(expect.objectContaining({ code: 'store.read-only' }));
  });
});
