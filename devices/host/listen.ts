/**
 * Finds the driver for a serial port that nobody knows: the port is opened, and all drivers that only listen read what comes
 * at the same time. Nothing is written to the device. Speeds are tried until somebody understands it.
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

/** What boards and receivers are set to, the commonest first. */
const SPEEDS = [115_200, 9600, 4800, 57_600, 38_400];
/** Long enough for some lines of a device that prints one a second. */
const LONGEST_MS = 6_000;
const SHORTEST_MS = 2_000;
/** Samples that are no accident. */
const ENOUGH_SAMPLES = 3;
const LOOK_EVERY_MS = 250;
const TEXT_BYTES = 1500;

/** @throws FieldroomError `device.*` when the port cannot be opened */
export async function listenTo(options: ListenOptions): Promise<Heard> {
  let loudest: Heard = { path: options.path, baudRate: null, bytes: 0, text: '', readings: [] };
  for (const baudRate of SPEEDS) {
    const heard = await listenAt(options, baudRate);
    if (heard.readings.length > 0) return heard;
    // Whoever is silent at one speed is silent at all of them: a wrong one would give garbage.
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
 * `lines` reads whatever looks like a table, so a driver that knows what its columns mean goes before it. But one number a
 * line could be anything: there `lines`, which claims nothing, goes first.
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
