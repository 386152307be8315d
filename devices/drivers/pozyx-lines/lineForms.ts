/** The line formats of the Arduino example sketches (sensor-protocols 1.9). Ids are `0x` and hex; the tag itself is `0x0`. */

export interface PositionLine {
  type: 'position';
  /** 0: the tag on the shield, also if the form prints no id. */
  id: number;
  x: number;
  y: number;
  z: number;
  /** Old form only: estimated error x, y, z, xy, xz, yz. */
  covariance?: number[];
  /** Old form only: one per anchor, in the sketch's order. */
  ranges?: { distanceMm: number; rssDbm: number }[];
}

export type LineFrame =
  | PositionLine
  | { type: 'anchor'; id: number; x: number; y: number; z: number }
  /** `code` is null if the sketch prints none: there is no shield. */
  | { type: 'error'; id: number; code: number | null; text: string }
  | { type: 'range'; timestampMs: number; distanceMm: number; rssDbm: number }
  /** `registers`: 24 raw values in the order of the sensor block 50..80. */
  | { type: 'orientation'; stepMs: number; registers: number[]; calibration: number[] }
  | { type: 'note'; text: string };

const INT = '(-?\\d{1,9})';
const ID = '0x([0-9A-Fa-f]{1,4})';
const MACHINE = new RegExp(`^POS,${ID},${INT},${INT},${INT}$`);
/** Old v1.0: x, y, z, six errors, then distance and signal of each anchor. */
const OLD = new RegExp(`^POS,${ID}((?:,-?\\d{1,9}){9,41})$`);
const HUMAN = new RegExp(`^POS(?: ID ${ID})?, x\\(mm\\): ${INT}, y\\(mm\\): ${INT}, z\\(mm\\): ${INT}$`);
const TABS = new RegExp(`^x_mm: ${INT}\\s+y_mm: ${INT}\\s+z_mm: ${INT}$`);
const ANCHOR = new RegExp(`^ANCHOR,${ID},${INT},${INT},${INT}$`);
const RANGE = new RegExp(`^(\\d{1,10})ms, (\\d{1,9})mm, ${INT}dBm$`);
const ORIENTATION = /^-?\d{1,10}(?:,-?\d{1,10}){28}$/;
const ERROR =
  /^ERROR (?:positioning|ranging)(?: on ID 0x([0-9A-Fa-f]{1,4}))?, .*?error(?: code)?: 0x([0-9A-Fa-f]{1,2})$/;
const NO_SHIELD = /^ERROR: Unable to connect to POZYX shield/;

/** The contents of a line, or null if it has none of the data forms. */
export function readLine(line: string): LineFrame | null {
  const text = line.trim();
  return (
    readPosition(text) ??
    readOrientation(text) ??
    match(RANGE, text, ([timestampMs = 0, distanceMm = 0, rssDbm = 0]) => ({
      type: 'range',
      timestampMs,
      distanceMm,
      rssDbm,
    })) ??
    matchId(ANCHOR, text, (id, [x = 0, y = 0, z = 0]) => ({ type: 'anchor', id, x, y, z })) ??
    readError(text)
  );
}

function readPosition(text: string): LineFrame | null {
  const position = (id: number, [x = 0, y = 0, z = 0]: number[]): PositionLine => ({ type: 'position', id, x, y, z });
  return (
    matchId(MACHINE, text, position) ??
    matchId(HUMAN, text, position) ??
    match(TABS, text, (numbers) => position(0, numbers)) ??
    readOld(text)
  );
}

function readOld(text: string): PositionLine | null {
  const found = OLD.exec(text);
  if (found === null) return null;
  const [x = 0, y = 0, z = 0, ...rest] = (found[2] ?? '').slice(1).split(',').map(Number);
  // Distance and signal come in pairs; an odd count means that the line was cut off.
  if ((rest.length - 6) % 2 !== 0) return null;
  const ranges = Array.from({ length: (rest.length - 6) / 2 }, (_, i) => ({
    distanceMm: rest[6 + 2 * i] ?? 0,
    rssDbm: rest[7 + 2 * i] ?? 0,
  }));
  return { type: 'position', id: Number.parseInt(found[1] ?? '0', 16), x, y, z, covariance: rest.slice(0, 6), ranges };
}

/** 29 integers: dt, pressure, acc, mag, gyro, euler, quaternion, linear acc, gravity, temperature, calibration. */
function readOrientation(text: string): LineFrame | null {
  if (!ORIENTATION.test(text)) return null;
  const [stepMs = 0, ...rest] = text.split(',').map(Number);
  return { type: 'orientation', stepMs, registers: rest.slice(0, 24), calibration: rest.slice(24) };
}

function readError(text: string): LineFrame | null {
  if (NO_SHIELD.test(text)) return { type: 'error', id: 0, code: null, text };
  const found = ERROR.exec(text);
  if (found === null) return null;
  return { type: 'error', id: Number.parseInt(found[1] ?? '0', 16), code: Number.parseInt(found[2] ?? '', 16), text };
}

function match(form: RegExp, text: string, make: (numbers: number[]) => LineFrame): LineFrame | null {
  const found = form.exec(text);
  return found === null ? null : make(found.slice(1).map(Number));
}

function matchId(form: RegExp, text: string, make: (id: number, numbers: number[]) => LineFrame): LineFrame | null {
  const found = form.exec(text);
  return found === null ? null : make(Number.parseInt(found[1] ?? '0', 16), found.slice(2).map(Number));
}
