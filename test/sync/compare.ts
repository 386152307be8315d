/** Compares the recording with the source: every error is the session time of an event minus its true time. */
import { join } from 'node:path';
import { openSession, type SessionReader } from '../../electron/session/read/sessionReader.ts';
import { summarize } from '../../electron/session/read/summary.ts';
import { decodeSound } from '../e2e/fixtures/decode.ts';
import { readPictures } from './picture.ts';
import type { SourceLog } from './room.ts';
import { chirp, findChirp, RATE_HZ } from './sound.ts';

export interface EventErrors {
  event: number;
  /** Milliseconds, signed; null: not found in the recording. */
  screen: number | null;
  sounds: (number | null)[];
  sensor: number | null;
}

export interface Comparison {
  events: EventErrors[];
  /** Every frame, compared with the counter that it shows. */
  frames: number[];
  unreadableFrames: number;
  /** Every row of the sensor, compared with the time at which its line was written. */
  rows: number[];
  /** Every row's time from the device's own clock, where the session has one. */
  fitted: number[];
  gaps: { stream: string; gaps: number; missing: number }[];
  stated: { frames: Stated[]; sounds: Stated[][]; rows: Stated[]; fitted: Stated[] };
}

/** An error and the session's stated bounds for it, milliseconds; null: no bound is stated. */
export interface Stated {
  errorMs: number;
  /** Stated bounds: how much earlier and later the truth may be. */
  earlyMs: number | null;
  lateMs: number | null;
}

const MILLI = 1e6;
/** Search range for a chirp around its expected time. */
const SEARCH_S = 0.25;
const SAMPLES_OF_PACKET = 960;
/** Samples that an Opus decoder discards at the start, as ffmpeg does. */
const PRE_SKIP = 312;

/** @param microphones their streams, in the order of `sounds` */
export async function compare(folder: string, log: SourceLog, microphones: readonly string[]): Promise<Comparison> {
  const session = openSession(folder);
  try {
    const zeroNs = Number(session.db.prepare('SELECT zero_engine_ns FROM session').pluck().get());
    const screen = await screenTimes(session, log);
    const sounds: Map<number, Stated>[] = [];
    for (const stream of microphones) sounds.push(await soundErrors(session, stream, log, zeroNs));
    const sensor = sensorTimes(session);
    const error = (sessionNs: number, trueNs: number): number => (sessionNs - (trueNs - zeroNs)) / MILLI;
    return {
      events: log.events.map(({ event, marked_ns }) => ({
        event,
        screen: screen.first.has(event) ? error(...(screen.first.get(event) as [number, number])) : null,
        sounds: sounds.map((errors) => errors.get(event)?.errorMs ?? null),
        sensor: sensor.marks.has(event) ? error(sensor.marks.get(event) as number, marked_ns) : null,
      })),
      frames: screen.frames.map(([sessionNs, trueNs]) => error(sessionNs, trueNs)),
      unreadableFrames: screen.unreadable,
      rows: sensor.rows.map(([sessionNs, writtenNs]) => error(sessionNs, writtenNs)),
      fitted: sensor.fitted.map(([sessionNs, writtenNs]) => error(sessionNs, writtenNs)),
      stated: {
        frames: screen.frames.map(([sessionNs, trueNs], i) => stated(error(sessionNs, trueNs), screen.bounds[i])),
        sounds: sounds.map((errors) => [...errors.values()]),
        rows: sensor.rows.map(([sessionNs, trueNs], i) => stated(error(sessionNs, trueNs), sensor.bounds[i])),
        fitted: sensor.fitted.map(([sessionNs, trueNs], i) => stated(error(sessionNs, trueNs), sensor.fittedBounds[i])),
      },
      gaps: summarize(session).streams.map(({ id, gaps, drops }) => ({ stream: id, gaps, missing: drops })),
    };
  } finally {
    session.close();
  }
}

interface Bounds {
  early: number | null;
  late: number | null;
}

const inMillis = (ns: number | null): number | null => (ns === null ? null : ns / MILLI);
const stated = (errorMs: number, bounds: Bounds | undefined): Stated => ({
  errorMs,
  earlyMs: inMillis(bounds?.early ?? null),
  lateMs: inMillis(bounds?.late ?? null),
});

function boundsOf(session: SessionReader, stream: string): Map<number, Bounds> {
  const rows = session.db
    .prepare('SELECT seq, early_ns AS early, late_ns AS late FROM timed_packet WHERE stream = ?')
    .all(stream) as (Bounds & { seq: number })[];
  return new Map(rows.map((row) => [row.seq, row]));
}

interface Packet {
  seq: number;
  sessionNs: number;
  file: string;
}

const packets = (session: SessionReader, stream: string): Packet[] =>
  session.packets(stream, -(2n ** 60n), 2n ** 60n, 10_000_000).map((p) => ({ ...p, sessionNs: Number(p.sessionNs) }));

async function screenTimes(session: SessionReader, { zeroNs, tickNs }: SourceLog) {
  const frames: [sessionNs: number, trueNs: number][] = [];
  const first = new Map<number, [sessionNs: number, trueNs: number]>();
  let unreadable = 0;
  const known = boundsOf(session, 'screen');
  const bounds: (Bounds | undefined)[] = [];
  for (const [file, of] of Map.groupBy(packets(session, 'screen'), (packet) => packet.file)) {
    const shown = await readPictures(join(session.folder, ...file.split('/')));
    if (shown.length !== of.length) throw new Error(`${file}: ${shown.length} frames in ${of.length} packets`);
    for (const [i, picture] of shown.entries()) {
      if (!picture) {
        unreadable += 1;
        continue;
      }
      const pair: [number, number] = [(of[i] as Packet).sessionNs, zeroNs + picture.ticks * tickNs];
      frames.push(pair);
      bounds.push(known.get((of[i] as Packet).seq));
      const event = fullEvent(picture.event, first.size);
      if (picture.event !== 0 && !first.has(event)) first.set(event, pair);
    }
  }
  return { frames, bounds, first, unreadable };
}

/** Event numbers in the frame are modulo 1024. */
const fullEvent = (shown: number, soFar: number): number =>
  shown + 1024 * Math.max(0, Math.round((soFar - shown) / 1024));

async function soundErrors(
  session: SessionReader,
  stream: string,
  log: SourceLog,
  zeroNs: number,
): Promise<Map<number, Stated>> {
  const errors = new Map<number, Stated>();
  const known = boundsOf(session, stream);
  const pattern = chirp();
  for (const [file, of] of Map.groupBy(packets(session, stream), (packet) => packet.file)) {
    const sound = await decodeSound(join(session.folder, ...file.split('/')));
    const decoded = of.length * SAMPLES_OF_PACKET - PRE_SKIP;
    if (Math.abs(sound.length - decoded) > SAMPLES_OF_PACKET)
      throw new Error(`${file}: ${sound.length} samples of ${of.length} packets`);
    const timeOf = (sample: number): number => {
      const at = sample + PRE_SKIP;
      const index = Math.min(of.length - 1, Math.floor(at / SAMPLES_OF_PACKET));
      return (of[index] as Packet).sessionNs + ((at - index * SAMPLES_OF_PACKET) * 1e9) / RATE_HZ;
    };
    const first = (of[0] as Packet).sessionNs;
    for (const { event, heard_ns } of log.events) {
      if (heard_ns === null) continue;
      const trueNs = heard_ns - zeroNs;
      // Counting gets close enough: the search range is wider than any hole of a good recording.
      const about = nearest(of, trueNs) * SAMPLES_OF_PACKET - PRE_SKIP;
      if (trueNs < first) continue;
      const found = findChirp(sound, about - SEARCH_S * RATE_HZ, about + SEARCH_S * RATE_HZ, pattern);
      if (found !== null) {
        const packet = of[Math.min(of.length - 1, Math.floor((found + PRE_SKIP) / SAMPLES_OF_PACKET))] as Packet;
        errors.set(event, stated((timeOf(found) - trueNs) / MILLI, known.get(packet.seq)));
      }
    }
  }
  return errors;
}

/** Index of the last packet that begins before a time. */
function nearest(of: readonly Packet[], sessionNs: number): number {
  let low = 0;
  let high = of.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((of[middle] as Packet).sessionNs <= sessionNs) low = middle;
    else high = middle - 1;
  }
  return low;
}

function sensorTimes(session: SessionReader) {
  const columns = session.db.prepare("SELECT name FROM pragma_table_info('timed_sensor')").pluck().all() as string[];
  const fitted = columns.includes('device_session_ns') ? 'device_session_ns' : 'NULL';
  const within = columns.includes('device_uncertainty_ns') ? 'device_uncertainty_ns' : 'NULL';
  const read = session.db
    .prepare(
      `SELECT session_ns AS at, ${fitted} AS fitted, ${within} AS within, early_ns AS early, late_ns AS late, device_time AS us, event FROM timed_sensor ORDER BY seq`,
    )
    .all() as (Bounds & { at: number; fitted: number | null; within: number | null; us: number; event: number })[];
  return {
    bounds: read,
    fittedBounds: read.flatMap(({ fitted: at, within: of }): Bounds[] =>
      at === null ? [] : [{ early: of, late: of }],
    ),
    rows: read.map(({ at, us }): [number, number] => [at, us * 1000]),
    fitted: read.flatMap(({ fitted: at, us }): [number, number][] => (at === null ? [] : [[at, us * 1000]])),
    marks: new Map(read.filter(({ event }) => event > 0).map(({ at, event }) => [event, at])),
  };
}
