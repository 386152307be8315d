/** A session as a crash leaves it, with verifiable content: the store was not closed and its log was not checkpointed. */
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  audioStream,
  CLOCK,
  countedPayload,
  sampleStream,
  testFit,
  testPacket,
  testSamples,
  testStore,
  videoStream,
} from '../../../electron/engine/store/testKit.ts';
import { openSession } from '../../../electron/session/read/sessionReader.ts';

const DURATION_NS = { 'cam-1': 33_000_000, 'mic-1': 20_000_000 } as const;
const SIZE = { 'cam-1': 700, 'mic-1': 90 } as const;
const isKey = { 'cam-1': (seq: number) => seq % 20 === 0, 'mic-1': () => true } as const;
const SAMPLES_A_STEP = 40;
const STEPS = 60;

export interface Torn {
  /** The file's bytes at the crash. */
  folder: string;
  /** The file's bytes some commits earlier, as if later writes never reached the disk. */
  earlier: string;
}

/** Creates the session below `root`. */
export async function tornSession(root: string): Promise<Torn> {
  const live = join(root, 'live', 'study', 'session');
  mkdirSync(join(root, 'live', 'study'), { recursive: true });
  const { store, open, declare } = testStore({ flushMs: 1e9 });
  open(live);
  store.handle({ type: 'fit', fit: testFit(0n) });
  await declare(videoStream('cam-1'));
  await declare(audioStream('mic-1'));
  await declare(sampleStream('heart'));
  const [folder, earlier] = [join(root, 'torn'), join(root, 'earlier')];
  const seqs = { 'cam-1': 0, 'mic-1': 0 };
  for (let step = 0; step < STEPS; step += 1) {
    for (const [stream, count] of [
      ['cam-1', 3],
      ['mic-1', 5],
    ] as const) {
      for (let i = 0; i < count; i += 1) {
        const seq = seqs[stream]++;
        const options = { size: SIZE[stream], key: isKey[stream](seq), durationNs: DURATION_NS[stream] };
        store.handle({ type: 'packet', stream, clock: CLOCK, bytes: testPacket(seq, options) });
      }
    }
    const bytes = testSamples(step * SAMPLES_A_STEP, SAMPLES_A_STEP);
    store.handle({ type: 'samples', stream: 'heart', clock: CLOCK, bytes });
    if (step < STEPS - 1) store.flush();
    // Half of the data is in the index itself, half still in its log.
    if (step === STEPS / 2) copyBack(live);
    if (step === STEPS - 8) cpSync(live, earlier, { recursive: true });
  }
  cpSync(live, folder, { recursive: true });
  store.handle({ type: 'close', request: 1 });
  return { folder, earlier };
}

function copyBack(live: string): void {
  const db = new Database(join(live, 'session.sqlite'));
  db.pragma('wal_checkpoint(PASSIVE)');
  db.close();
}

/** Acknowledged content of the session: every step but the last. */
export const ACKED: Readonly<Record<string, number>> = {
  'cam-1': 3 * (STEPS - 1),
  'mic-1': 5 * (STEPS - 1),
  heart: SAMPLES_A_STEP * (STEPS - 1),
};
const TRUE_NS: Readonly<Record<string, number>> = { ...DURATION_NS, heart: 1_000_000 };

/** Acknowledged data that is missing and not covered by a gap. */
export function untoldIn(folder: string): string[] {
  using reader = openSession(folder);
  const untold: string[] = [];
  for (const [id, count] of Object.entries(ACKED)) {
    const known = reader.streams().find(({ stream }) => stream.id === id);
    const seqs = !known
      ? []
      : known.stream.kind === 'samples'
        ? reader.samples(id, 0n, 10n ** 15n, 100_000).seq
        : reader.packets(id, 0n, 10n ** 15n).map(({ seq }) => seq);
    const there = new Set(seqs);
    const gaps = reader.db
      .prepare(
        "SELECT from_ns AS fromNs, to_ns AS toNs, max(coalesce(lost, 0), missing_seqs) AS lost FROM gap WHERE stream = ? AND cause = 'damaged'",
      )
      .all(known?.number ?? -1) as { fromNs: number; toNs: number; lost: number }[];
    const missing = Array.from({ length: count }, (_, seq) => seq).filter((seq) => !there.has(seq));
    const outside = missing.filter((seq) => {
      const ns = seq * (TRUE_NS[id] as number);
      return !gaps.some(({ fromNs, toNs }) => fromNs <= ns && ns <= toNs);
    });
    if (outside.length > 0) untold.push(`${id}: ${outside.length} are not in a gap, the first is ${outside[0]}`);
    const told = gaps.reduce((sum, { lost }) => sum + lost, 0);
    if (told !== missing.length) untold.push(`${id}: ${missing.length} are missing, but the gaps account for ${told}`);
  }
  return untold;
}

/** Every packet whose bytes are intact in any file of the folder. */
export function intactIn(folder: string): Set<string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.includes('.mkv'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  const intact = new Set<string>();
  for (const id of ['cam-1', 'mic-1'] as const)
    for (let seq = 0; seq < (ACKED[id] as number); seq += 1) {
      const payload = Buffer.from(countedPayload(seq, SIZE[id]));
      if (files.some((bytes) => bytes.includes(payload))) intact.add(`${id} ${seq}`);
    }
  return intact;
}

/** Compares everything that a reader returns with what was recorded. @returns the faults */
export function wrongIn(folder: string): string[] {
  using reader = openSession(folder);
  const wrong: string[] = [];
  for (const { stream } of reader.streams()) {
    if (stream.kind === 'samples') {
      const { seq, publisherNs, values } = reader.samples(stream.id, 0n, 10n ** 15n, 100_000);
      seq.forEach((n, i) => {
        const good = publisherNs[i] === n * 1_000_000 && values.every((column, c) => column[i] === n * (c + 1));
        if (!good) wrong.push(`sample ${n}`);
      });
      continue;
    }
    const id = stream.id as 'cam-1' | 'mic-1';
    for (const packet of reader.packets(id, 0n, 10n ** 15n)) {
      const data = Buffer.from(reader.packetBytes(packet));
      const good =
        packet.publisherNs === packet.seq * DURATION_NS[id] &&
        packet.durationNs === DURATION_NS[id] &&
        packet.key === isKey[id](packet.seq) &&
        data.equals(countedPayload(packet.seq, SIZE[id]));
      if (!good) wrong.push(`${id} packet ${packet.seq}`);
    }
  }
  return wrong;
}
