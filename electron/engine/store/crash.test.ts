import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { verifySession } from '../../session/check/verify.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';
import { decideCut, finishCut, keepAsLeft } from '../../session/repair/crashCut.ts';
import { sealSession } from '../../session/seal/seal.ts';
import { audioStream, countedPayload, sampleStream, temporaryFolder, testStore, videoStream } from './testKit.ts';
import { probe } from './testMedia.ts';

const CHILD = fileURLToPath(new URL('./crashChild.ts', import.meta.url));
let child: ChildProcess | null = null;
afterEach(() => child?.kill('SIGKILL'));

/**
 * Runs the writer until every stream was acknowledged and `acks` acknowledgements came, kills it a moment later, and
 * returns what was acknowledged.
 */
async function killed(folder: string, acks: number, laterMs: number): Promise<Map<string, number>> {
  child = spawn(process.execPath, [CHILD, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const safe = new Map<string, number>();
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const told = JSON.parse(line) as ({ stream: string; seq: number } | 'ready')[];
    for (const ack of told) if (ack !== 'ready') safe.set(ack.stream, ack.seq);
    if (safe.size < 3) continue;
    seen += 1;
    if (seen === acks) setTimeout(() => child?.kill('SIGKILL'), laterMs);
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return safe;
}

describe('kill -9 in the middle of writing', () => {
  it('loses nothing that was acknowledged, however often, and the session continues', async () => {
    const { folder, remove } = temporaryFolder();
    try {
      for (const [acks, laterMs] of [
        [1, 0],
        [2, 130],
        [1, 240],
        [3, 60],
      ] as const) {
        const safe = await killed(folder, acks, laterMs);
        expect(safe.size).toBe(3);
        // Read as it is, before any repair.
        const found = await verifySession(folder);
        expect(found.findings).toEqual([]);
        for (const { file, packets } of segments(folder)) {
          expect(probe(join(folder, file)).packets.length, file).toBeGreaterThanOrEqual(packets);
        }
        using reader = openSession(folder);
        for (const summary of summarize(reader).streams) {
          expect(summary.count, summary.id).toBeGreaterThan(safe.get(summary.id) as number);
          expect(summary.drops).toBe(0);
        }
      }
      const after = testStore();
      after.open(folder);
      const { nextSeq } = await after.declare(videoStream('cam-1'));
      await after.declare(audioStream('mic-1'));
      await after.declare(sampleStream('heart'));
      after.store.handle({ type: 'close', request: 1 });
      const { findings } = await sealSession(folder);
      expect(findings).toEqual([]);
      expect(await verifySession(folder)).toMatchObject({ ok: true, sealed: true });
      using reader = openSession(folder);
      const packets = reader.packets('cam-1', 0n, 10n ** 15n);
      expect(packets.map((p) => p.seq)).toEqual(Array.from({ length: nextSeq }, (_, i) => i));
      for (const packet of packets) expect(reader.packetBytes(packet)).toEqual(countedPayload(packet.seq, 3000));
      for (const { file, packets: count } of segments(folder)) {
        expect(probe(join(folder, file)).packets).toHaveLength(count);
      }
      expect(JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))).toMatchObject({ state: 'sealed' });
    } finally {
      remove();
    }
  }, 180_000);

  it('can be ended as it was at the crash, whatever was recorded since and wherever the cut was interrupted', async () => {
    const { folder, remove } = temporaryFolder();
    try {
      await killed(folder, 2, 100);
      const left = contentOf(folder);
      expect(keepAsLeft(folder, 5_000_000_000n)).toBe(true);
      await killed(folder, 2, 100);
      expect(contentOf(folder).packets.length).toBeGreaterThan(left.packets.length);
      const index = readFileSync(join(folder, 'session.sqlite'));
      decideCut(folder);
      finishCut(folder);
      // A power cut before the last rename: the later index and the decision both still exist.
      cpSync(join(folder, 'session.sqlite'), join(folder, '.cut.sqlite'));
      writeFileSync(join(folder, 'session.sqlite'), index);
      const { findings } = await sealSession(folder);
      expect(findings).toEqual([]);
      expect(await verifySession(folder)).toMatchObject({ ok: true, sealed: true, findings: [] });
      expect(contentOf(folder)).toEqual(left);
      expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
      using reader = openSession(folder);
      const { at_ns } = reader.db.prepare("SELECT at_ns FROM lifecycle WHERE state = 'sealing'").get() as {
        at_ns: number;
      };
      expect(Number(at_ns)).toBe(5e9);
      for (const packet of reader.packets('cam-1', 0n, 10n ** 15n))
        expect(reader.packetBytes(packet)).toEqual(countedPayload(packet.seq, 3000));
    } finally {
      remove();
    }
  }, 60_000);
});

function segments(folder: string): { file: string; packets: number }[] {
  using reader = openSession(folder);
  return reader.db
    .prepare('SELECT file, (SELECT count(*) FROM packet p WHERE p.segment = s.id) AS packets FROM segment s')
    .all() as { file: string; packets: number }[];
}

/** Everything that was captured and stored. */
function contentOf(folder: string): { packets: unknown[]; samples: unknown[] } {
  using reader = openSession(folder);
  const all = (query: string): unknown[] => reader.db.prepare(query).all();
  return {
    packets: all('SELECT stream, seq, publisher_ns, segment, offset, length, crc32 FROM packet ORDER BY stream, seq'),
    samples: all('SELECT * FROM samples_heart ORDER BY seq'),
  };
}
