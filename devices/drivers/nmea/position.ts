/**
 * The meaning of RMC, GGA and ZDA. A time is returned only if the receiver marks it as valid: status V, fix quality 0
 * or an empty time gives none.
 */
import type { NmeaSentence } from './parser.ts';

const DAY_MS = 86_400_000;

export interface Rmc {
  kind: 'RMC';
  valid: boolean;
  latitude: number;
  longitude: number;
  speedKnots: number;
  courseDegrees: number;
}
export interface Gga {
  kind: 'GGA';
  /** 0 none, 1 GPS, 2 differential, 4 RTK, 5 float RTK, 6 estimated. */
  fix: number;
  latitude: number;
  longitude: number;
  /** Above mean sea level. */
  altitudeMetres: number;
  satellites: number;
  hdop: number;
  /** Time of day in ms, NaN without a fix: GGA contains no date. */
  ofDayMs: number;
}
export interface Zda {
  kind: 'ZDA';
  /** `2002-07-04T20:15:30.000Z`; empty if the receiver has no time. */
  utc: string;
}
export type Meaning = (Rmc | Gga | Zda) & {
  /** Milliseconds since 1970, UTC; NaN unless the time is valid and its date is known. */
  unixMs: number;
};

/** Keeps what one sentence needs from another: the date for GGA, the fix for ZDA. */
export class NmeaReader {
  /** Last full time, used to find the date of a sentence that has only the time of day. */
  #lastUnixMs = Number.NaN;
  #fixed: boolean | null = null;
  /** Fields of the last sentence that could not be read: these have no value, the others are kept. */
  oddFields = 0;

  /** Null for a sentence of another kind, or one with too few fields. */
  read({ kind, fields }: NmeaSentence): Meaning | null {
    this.oddFields = 0;
    if (kind === 'RMC' && fields.length >= 9) return this.#rmc(fields);
    if (kind === 'GGA' && fields.length >= 9) return this.#gga(fields);
    return kind === 'ZDA' && fields.length >= 4 ? this.#zda(fields) : null;
  }

  #rmc(fields: string[]): Meaning {
    const [time = '', status, lat = '', ns = '', lon = '', ew = '', speed, course, date = ''] = fields;
    const valid = status === 'A';
    this.#fixed = valid;
    const day = /^(\d\d)(\d\d)(\d\d)$/.exec(date);
    // Two-digit year: GPS has existed since 1980.
    const year = Number(day?.[3]) + (Number(day?.[3]) < 80 ? 2000 : 1900);
    const unixMs =
      valid && day ? this.#full(dateMs(year, Number(day[2]), Number(day[1])) + timeOfDayMs(time)) : Number.NaN;
    return {
      kind: 'RMC',
      valid,
      latitude: valid ? this.#read(lat, degrees(lat, ns, 90)) : Number.NaN,
      longitude: valid ? this.#read(lon, degrees(lon, ew, 180)) : Number.NaN,
      speedKnots: valid ? this.#read(speed, number(speed)) : Number.NaN,
      courseDegrees: valid ? this.#read(course, number(course)) : Number.NaN,
      unixMs,
    };
  }

  #gga(fields: string[]): Meaning {
    const [time = '', lat = '', ns = '', lon = '', ew = '', quality, satellites, hdop, altitude] = fields;
    const fix = Number.isNaN(number(quality)) ? 0 : number(quality);
    this.#fixed = fix > 0;
    const valid = fix > 0;
    const ofDayMs = valid ? timeOfDayMs(time) : Number.NaN;
    return {
      kind: 'GGA',
      fix,
      latitude: valid ? this.#read(lat, degrees(lat, ns, 90)) : Number.NaN,
      longitude: valid ? this.#read(lon, degrees(lon, ew, 180)) : Number.NaN,
      altitudeMetres: valid ? this.#read(altitude, number(altitude)) : Number.NaN,
      satellites: this.#read(satellites, number(satellites)),
      hdop: this.#read(hdop, number(hdop)),
      ofDayMs,
      unixMs: this.withDate(ofDayMs),
    };
  }

  #zda(fields: string[]): Meaning {
    const [time = '', day, month, year] = fields;
    const at = dateMs(number(year), number(month), number(day)) + timeOfDayMs(time);
    // ZDA has no status of its own: a receiver without a fix prints its battery-backed clock.
    const unixMs = this.#fixed === false || Number.isNaN(at) ? Number.NaN : this.#full(at);
    return { kind: 'ZDA', utc: Number.isNaN(unixMs) ? '' : new Date(unixMs).toISOString(), unixMs };
  }

  #read(text: string | undefined, value: number): number {
    if (Number.isNaN(value) && text?.trim()) this.oddFields += 1;
    return value;
  }

  #full(unixMs: number): number {
    if (!Number.isNaN(unixMs)) this.#lastUnixMs = unixMs;
    return unixMs;
  }

  /** The time of day closest to the last full time, which is right across midnight. NaN while no date is known. */
  withDate(ofDayMs: number): number {
    const last = this.#lastUnixMs;
    const day = Math.round((last - ofDayMs) / DAY_MS);
    return Number.isNaN(day) ? Number.NaN : day * DAY_MS + ofDayMs;
  }
}

const number = (text: string | undefined): number =>
  text !== undefined && /^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text.trim()) ? Number(text) : Number.NaN;

/**
 * `4807.038,N` is 48° 7.038': the minutes are the two digits before the point and everything after it. Receivers omit
 * leading zeros, down to `.84` for 0° 0.84'.
 */
function degrees(text: string, side: string, most: number): number {
  const parts = /^(\d*?)(\d{0,2}(?:\.\d*)?)$/.exec(text.trim());
  const sign = side === 'N' || side === 'E' ? 1 : side === 'S' || side === 'W' ? -1 : Number.NaN;
  if (!parts || !/\d/.test(text)) return Number.NaN;
  const minutes = Number(parts[2]);
  const value = Number(parts[1]) + minutes / 60;
  return minutes < 60 && value <= most ? sign * value : Number.NaN;
}

/** `123519.50` in milliseconds; 60 is a leap second. */
function timeOfDayMs(text: string): number {
  const parts = /^([01]\d|2[0-3])([0-5]\d)([0-5]\d|60)(\.\d{0,9})?$/.exec(text);
  if (!parts) return Number.NaN;
  const seconds = Number(parts[1]) * 3600 + Number(parts[2]) * 60 + Number(parts[3]);
  return seconds * 1000 + Math.round(Number(parts[4] === undefined || parts[4] === '.' ? 0 : parts[4]) * 1000);
}

/** NaN for an invalid date. */
function dateMs(year: number, month: number, day: number): number {
  if (!(year >= 1980 && year < 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCDate() === day ? ms : Number.NaN;
}
