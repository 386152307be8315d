/**
 * Finds the driver for an unknown serial port: the port is opened, and all listening-only drivers read the data at the
 * same time. Nothing is written to the device. Baud rates are tried until a driver understands the data.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Heard, Reading } from '../../electron/common/heard.ts';
import type { Link } from '../driver.ts';
import type { Registered } from '../registry.ts';
import { Trying } from './trying.ts';

export interface ListenOptions {
  path: string;
  /** Opens the port. @throws FieldroomError `device.*` */
  open: (baudRate: number) => Promise<Link>;
  drivers: readonly Registered['driver'][];
  now: () => number;
}

/** Common settings of boards and receivers, the most common first. */
const SPEEDS = [115_200, 9600, 4800, 57_600, 38_400];
/** Long enough for several lines of a device that prints one a second. */
const LONGEST_MS = 6_000;
const SHORTEST_MS = 2_000;
/** This many samples are no coincidence. */
const ENOUGH_SAMPLES = 3;
const LOOK_EVERY_MS = 250;
const TEXT_BYTES = 1500;

/** @throws FieldroomError `device.*` if the port cannot be opened */
export async function listenTo(options: ListenOptions): Promise<Heard> {
  let loudest: Heard = { path: options.path, baudRate: null, bytes: 0, text: '', readings: [] };
  for (const baudRate of SPEEDS) {
    const heard = await listenAt(options, baudRate);
    if (heard.readings.length > 0) return heard;
    // A device that is silent at one baud rate is silent at all of them: a wrong one would give garbage.
    if (heard.bytes === 0) return loudest;
    if (loudest.bytes === 0) loudest = heard;
  }
  return loudest;
}

async function listenAt({ path, open, drivers, now }: ListenOptions, baudRate: number): Promise<Heard> {
  const link = await open(baudRate);
  const tries = drivers
    .filter(({ onlyListens }) => onlyListens)
    .map((driver) => new Trying(driver, path, baudRate, now));
  const kept: Uint8Array[] = [];
  let bytes = 0;
  link.onData = (read, arrivedNs) => {
    if (bytes < TEXT_BYTES) kept.push(read.slice(0, TEXT_BYTES - bytes));
    bytes += read.byteLength;
    for (const trying of tries) trying.hear(read, arrivedNs);
  };
  const startMs = performance.now();
  const lasted = (): number => performance.now() - startMs;
  while (lasted() < LONGEST_MS) {
    await sleep(LOOK_EVERY_MS);
    if (lasted() > SHORTEST_MS && tries.some(({ samples }) => samples >= ENOUGH_SAMPLES)) break;
  }
  const readings = tries.map((trying) => trying.reading(lasted())).filter((reading) => reading !== null);
  await Promise.all([link.close(), ...tries.map((trying) => trying.end())]);
  return {
    path,
    baudRate: bytes === 0 ? null : baudRate,
    bytes,
    text: printable(Buffer.concat(kept)),
    readings: readings.sort((a, b) => rankOf(a) - rankOf(b) || b.samples - a.samples),
  };
}

/**
 * `lines` reads anything that looks like a table, so a driver that knows what its columns mean is listed first. One
 * number a line could be anything, so there `lines`, which makes no claim, is listed first.
 */
function rankOf({ driver, streams }: Reading): number {
  if (driver === 'lines') return 1;
  return streams.reduce((sum, { channels }) => sum + channels.length, 0) > 1 ? 0 : 2;
}

const printable = (bytes: Uint8Array): string =>
  new TextDecoder()
    .decode(bytes)
    .replace(/\r/g, '')
    .replace(/[^\n\t\x20-\x7e\u00a0-\uffff]/g, '\ufffd');
