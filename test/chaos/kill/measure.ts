/** Measures the effect of kills from a sealed session's content: counters in frames and samples. */
import { join } from 'node:path';
import { verifySession } from '../../../electron/session/check/verify.ts';
import { readManifest } from '../../../electron/session/format/manifest.ts';
import { readCells } from '../../../renderer/capture/simulated/bitCells.ts';
import { decodeGreyUntimed } from '../../e2e/fixtures/decode.ts';
import { type GapRow, SessionIndex } from '../../fixtures/sessionIndex.ts';
import { FRAME_RATE, SENSOR_HZ, SIZE } from './classroom.ts';
import type { Kill } from './kill.ts';

export interface Loss {
  kill: Kill;
  stream: 'camera' | 'mic' | 'light';
  /** Captured before the kill and not stored. */
  tailMs: number;
  /** From the kill until the stream has data again. */
  deadMs: number;
}

export interface Verdict {
  losses: Loss[];
  /** Faults: anything wrong, or lost without a recorded gap. */
  faults: string[];
  checked: { pictures: number; samples: number };
}

/** Pairs of neighbours, in session seconds, that are further apart than the stream's rate explains. */
interface Hole {
  fromNs: number;
  toNs: number;
}

const HOLE_NS = { camera: (3.5e9 / FRAME_RATE) as number, mic: 100e6, light: 100e6 } as const;
/** A hole belongs to a kill if it ends after the kill, or at most this long before, and does not begin later than this. */
const BEFORE_NS = 0.2e9;
const AFTER_NS = 1.5e9;
/** The end of a recorded gap and the next item may be one frame apart. */
const SLACK_NS = 150e6;

export async function measure(folder: string, kills: readonly Kill[]): Promise<Verdict> {
  const manifest = readManifest(folder);
  if (!manifest) throw new Error(`${folder} has no manifest`);
  const faults = (await verifySession(folder)).findings.map((f) => `${f.code} ${f.where}: ${f.message}`);
  if (manifest.state !== 'sealed') faults.push('the session is not sealed');
  using index = new SessionIndex(folder);
  const gaps = index.gaps();
  const checked = { pictures: 0, samples: 0 };
  const losses: Loss[] = [];
  for (const stream of ['camera', 'mic'] as const) {
    const holes = packetHoles(index, stream);
    faults.push(...untold(stream, holes, gaps));
    for (const kill of kills) losses.push(lossOf(kill, stream, holes, Number(kill.atNs - manifest.meta.zeroEngineNs)));
  }
  const samples = sensorRows(index);
  checked.samples = samples.length;
  faults.push(...wrongSamples(samples, gaps));
  for (const kill of kills) losses.push(sensorLoss(kill, samples));
  const pictures = await checkPictures(folder, index, gaps);
  checked.pictures = pictures.count;
  faults.push(...pictures.faults);
  return { losses, faults, checked };
}

function packetHoles(index: SessionIndex, stream: 'camera' | 'mic'): Hole[] {
  const packets = index.packets(stream);
  return packets.slice(1).flatMap((packet, i) => {
    const before = packets[i] as typeof packet;
    const fromNs = before.session_ns + before.duration_ns;
    return packet.session_ns - fromNs > HOLE_NS[stream] ? [{ fromNs, toNs: packet.session_ns }] : [];
  });
}

function untold(stream: string, holes: readonly Hole[], gaps: readonly GapRow[]): string[] {
  return holes
    .filter((hole) => !isTold(stream, hole, gaps))
    .map(({ fromNs, toNs }) => `${stream}: nothing from ${fromNs / 1e9} s to ${toNs / 1e9} s, and no gap says so`);
}

const isTold = (stream: string, hole: Hole, gaps: readonly GapRow[]): boolean =>
  gaps.some(
    (gap) =>
      gap.stream === stream &&
      (gap.from_session_ns ?? Infinity) <= hole.toNs + SLACK_NS &&
      (gap.to_session_ns ?? Infinity) >= hole.fromNs - SLACK_NS,
  );

function lossOf(kill: Kill, stream: 'camera' | 'mic', holes: readonly Hole[], killNs: number): Loss {
  const near = holes.filter(({ fromNs, toNs }) => toNs > killNs - BEFORE_NS && fromNs < killNs + AFTER_NS);
  const widest = near.sort((a, b) => b.toNs - b.fromNs - (a.toNs - a.fromNs))[0];
  if (!widest) return { kill, stream, tailMs: 0, deadMs: 0 };
  return {
    kill,
    stream,
    tailMs: Math.max(0, killNs - widest.fromNs) / 1e6,
    deadMs: Math.max(0, widest.toNs - Math.max(killNs, widest.fromNs)) / 1e6,
  };
}

interface SensorRow {
  count: number;
  ns: number | null;
}

const sensorRows = (index: SessionIndex): SensorRow[] =>
  index
    .all<{ count: number; ns: number | null }>('SELECT * FROM timed_light ORDER BY seq')
    .map((row) => ({ count: Number(row.count), ns: (row as unknown as { session_ns: number | null }).session_ns }));

/** The sensor counts its lines: each occurs once, in order, and missing ones are in a gap. */
function wrongSamples(rows: readonly SensorRow[], gaps: readonly GapRow[]): string[] {
  return rows.slice(1).flatMap((row, i) => {
    const before = rows[i] as SensorRow;
    if (row.count <= before.count) return [`light: line ${row.count} follows line ${before.count}`];
    if (row.count === before.count + 1) return [];
    const hole = { fromNs: before.ns ?? 0, toNs: row.ns ?? Infinity };
    return isTold('light', hole, gaps)
      ? []
      : [`light: lines ${before.count + 1} to ${row.count - 1} are missing, and no gap says so`];
  });
}

/** By the sensor's own counter, independent of any clock. */
function sensorLoss(kill: Kill, rows: readonly SensorRow[]): Loss {
  const near = SENSOR_HZ * (BEFORE_NS / 1e9);
  let widest: { from: number; to: number } | null = null;
  for (let i = 1; i < rows.length; i += 1) {
    const [from, to] = [(rows[i - 1] as SensorRow).count, (rows[i] as SensorRow).count];
    if (to - from < 2 || to < kill.sent - near || from > kill.sent + near) continue;
    if (!widest || to - from > widest.to - widest.from) widest = { from, to };
  }
  if (!widest) return { kill, stream: 'light', tailMs: 0, deadMs: 0 };
  const perSample = 1000 / SENSOR_HZ;
  return {
    kill,
    stream: 'light',
    tailMs: Math.max(0, kill.sent - 1 - widest.from) * perSample,
    deadMs: Math.max(0, widest.to - Math.max(kill.sent, widest.from + 1)) * perSample,
  };
}

const isOpening = ({ cause }: GapRow): boolean => cause !== 'frames-lost' && cause !== 'lost';

/** The number drawn in each frame: it grows during each life of the capture window, and skipped numbers are in a gap. */
async function checkPictures(
  folder: string,
  index: SessionIndex,
  gaps: readonly GapRow[],
): Promise<{ count: number; faults: string[] }> {
  const faults: string[] = [];
  const files = index.all<{ file: string; id: number }>(
    "SELECT file, id FROM segment WHERE stream = (SELECT id FROM stream WHERE name = 'camera') ORDER BY first_seq",
  );
  const bytes = SIZE.width * SIZE.height;
  let count = 0;
  let skipped = 0;
  let last = { clock: -1, counter: -1, ns: 0 };
  for (const { file, id } of files) {
    const clocks = index.all<{ clock: number; ns: number | null }>(
      'SELECT p.clock, t.session_ns AS ns FROM packet p JOIN timed_packet t ON t.seq = p.seq AND t.stream = ? WHERE p.segment = ? ORDER BY p.seq',
      'camera',
      id,
    );
    const grey = await decodeGreyUntimed(join(folder, ...file.split('/')));
    if (grey.length !== clocks.length * bytes)
      faults.push(`${file}: ${grey.length / bytes} frames in ${clocks.length} packets`);
    for (const [i, { clock, ns: at }] of clocks.entries()) {
      const ns = at ?? 0;
      const counter = readCells(grey.subarray(i * bytes, (i + 1) * bytes), SIZE.width, SIZE.height);
      if (counter === null) {
        faults.push(`${file}: frame ${i} is unreadable`);
        continue;
      }
      // A reopened camera draws from 0 again; its hole shows that, and is recorded.
      const anew = counter < last.counter && isTold('camera', { fromNs: last.ns, toNs: ns }, gaps.filter(isOpening));
      if (last.clock === clock && !anew) {
        if (counter <= last.counter) faults.push(`${file}: frame ${counter} follows frame ${last.counter}`);
        else skipped += counter - last.counter - 1;
      }
      last = { clock, counter, ns };
      count += 1;
    }
  }
  const told = gaps.filter((gap) => gap.stream === 'camera').reduce((sum, gap) => sum + gap.missing, 0);
  // The canvas may skip a drawing when the machine is short of time: no frame was captured then.
  if (skipped > told + count * 0.02 + 5)
    faults.push(`camera: ${skipped} frames are missing, but the gaps account for ${told}`);
  return { count, faults };
}
