/**
 * Verifies a complete session and reports problems. Writes nothing. A live or crashed session can be verified too: its
 * index lists the acknowledged data.
 */
import type { Database } from 'better-sqlite3';
import { FieldroomError } from '../../common/errors.ts';
import { existsInside, refuseUnsafeFolder, sizeInside } from '../folder/files.ts';
import { readCommitLog } from '../format/commitLog.ts';
import { INDEX } from '../format/manifest.ts';
import { samplesTable } from '../format/sampleTable.ts';
import { mediaFiles } from '../format/sessionFolder.ts';
import { TICK_NS } from '../matroska/mkvHeader.ts';
import { SessionReader } from '../read/sessionReader.ts';
import { tableWidth } from '../repair/repair.ts';
import { checkEvidence } from './evidenceCheck.ts';
import type { Finding } from './finding.ts';
import { checkAgainstIndex, checkBeside, checkFiles, readForCheck } from './manifestCheck.ts';
import { checkMedia, type SegmentInfo } from './mediaCheck.ts';
import { checkPlots } from './plotCheck.ts';
import { checkBatches } from './sampleCheck.ts';
import { checkSequence } from './sequenceCheck.ts';

/** @param fraction of the whole work, 0 to 1. @param where the current file or table. */
export type OnVerify = (fraction: number, where: string) => void;

/** Share of the work: hashing the files, reading the media, reading the samples. */
const SHARES = { files: [0, 0.3], media: [0.3, 0.8], samples: [0.8, 1] } as const;

interface Work {
  findings: Finding[];
  checked: VerifyResult['checked'];
  report: (step: keyof typeof SHARES, done: number, total: number, where: string) => void;
}

export interface VerifyResult {
  /** True when nothing was found. */
  ok: boolean;
  sealed: boolean;
  findings: Finding[];
  checked: { files: number; bytes: number; packets: number; samples: number; batches: number };
}

/** @throws FieldroomError `store.no-session` when there is nothing to verify; damage is a finding, not an error. */
export async function verifySession(folder: string, onProgress: OnVerify = () => {}): Promise<VerifyResult> {
  const work: Work = {
    findings: [],
    checked: { files: 0, bytes: 0, packets: 0, samples: 0, batches: 0 },
    report: (step, done, total, where) => {
      const [from, to] = SHARES[step];
      onProgress(from + (total > 0 ? (to - from) * (done / total) : 0), where);
    },
  };
  const { findings, checked } = work;
  refuseUnsafeFolder(folder);
  const state = readForCheck(folder);
  findings.push(...state.findings);
  const total = (state.files ?? []).reduce((sum, f) => sum + f.bytes, 0);
  const changed = await checkFiles(folder, state.files ?? [], ({ path, bytes }) => {
    work.report('files', checked.bytes, total, path);
    checked.files += 1;
    checked.bytes += bytes;
  });
  findings.push(...changed);
  const sealed = state.files !== null;
  let reader: SessionReader;
  try {
    reader = new SessionReader(folder);
  } catch (error) {
    if (
      !(error instanceof FieldroomError) ||
      ['store.no-session', 'store.newer', 'store.unsafe-folder'].includes(error.code)
    )
      throw error;
    findings.push({ code: 'index.damaged', where: INDEX, message: error.message });
    return { ok: false, sealed, findings, checked };
  }
  try {
    findings.push(...(await checkBeside(folder, state.files)));
    verifyIndex(reader.db, findings);
    if (state.manifest) findings.push(...checkAgainstIndex(reader.db, state.manifest));
    verifyMedia(folder, reader, sealed, work);
    verifySequences(reader, findings);
    verifySamples(reader, work);
    findings.push(...checkEvidence(reader.db, readCommitLog(folder)));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !code.startsWith('SQLITE_')) throw error;
    const message = `the index cannot be read to its end: ${(error as Error).message}`;
    findings.push({ code: 'index.damaged', where: INDEX, message });
  } finally {
    reader.close();
  }
  onProgress(1, '');
  return { ok: findings.length === 0, sealed, findings, checked };
}

function verifyIndex(db: Database, findings: Finding[]): void {
  for (const { integrity_check: message } of db.pragma('integrity_check(5)') as { integrity_check: string }[])
    if (message !== 'ok') findings.push({ code: 'index.damaged', where: INDEX, message });
}

function verifyMedia(folder: string, reader: SessionReader, sealed: boolean, work: Work): void {
  const segments = reader.db.prepare('SELECT id, stream, file FROM segment ORDER BY id').all() as SegmentInfo[];
  const sizeOf = (file: string): number => sizeInside(folder, file);
  const say = (code: string, where: string, message: string): void => void work.findings.push({ code, where, message });
  const total = segments.reduce((sum, s) => sum + sizeOf(s.file), 0);
  let done = 0;
  for (const segment of segments) {
    work.report('media', done, total, segment.file);
    if (!existsInside(folder, segment.file)) {
      say('media.file-missing', segment.file, 'the file is missing');
      continue;
    }
    try {
      const check = checkMedia(reader.db, folder, segment, TICK_NS, () => {});
      work.findings.push(...check.findings);
      work.checked.packets += check.packets;
      const behind = check.scan.sizeBytes - check.indexedEnd;
      // During recording or after a crash, data that was written but not yet acknowledged may follow.
      if (sealed && check.scan.tail !== 'cues' && behind > 0)
        say('media.tail', segment.file, `${behind} bytes follow the last packet`);
    } catch (error) {
      say('media.unreadable', segment.file, `the file cannot be read: ${(error as Error).message}`);
    }
    done += sizeOf(segment.file);
  }
  const indexed = new Set(segments.map((s) => s.file));
  for (const file of mediaFiles(folder)) {
    if (!indexed.has(file) && sealed) say('media.unindexed-file', file, 'no segment of the index names this file');
  }
}

/** Every sequence number exists or is covered by a gap, and the counters match the rows. */
function verifySequences(reader: SessionReader, findings: Finding[]): void {
  for (const { number, stream } of reader.streams()) {
    const columns = stream.kind === 'samples' ? reader.columns(stream.id) : [];
    findings.push(...checkSequence(reader.db, number, stream, tableWidth(stream, columns)).findings);
  }
}

function verifySamples(reader: SessionReader, { findings, checked, report }: Work): void {
  const streams = reader.streams().filter(({ stream }) => stream.kind === 'samples');
  for (const [i, { number, stream }] of streams.entries()) {
    report('samples', i, streams.length, samplesTable(stream.id));
    if (stream.kind !== 'samples') continue;
    const columns = reader.columns(stream.id);
    const result = checkBatches(reader.db, number, stream, columns);
    findings.push(...result.findings, ...checkPlots(reader.db, stream, columns));
    checked.samples += result.samples;
    checked.batches += result.batches;
  }
}
