/** Parses a moment of a session: a time or a marker. */
import { fieldroomError } from '../../common/errors.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import { markersOf } from './timeline.ts';

const UNITS: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6 };

/**
 * Session nanoseconds of `90s`, `1m30.5s`, `95.2`, or of the first marker with this note or code.
 * @throws FieldroomError `export.moment-unknown`
 */
export function momentNs(folder: string, text: string): bigint {
  const wanted = text.trim();
  if (/^\d+(\.\d+)?$/.test(wanted)) return BigInt(Math.round(Number(wanted) * 1e9));
  if (/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(wanted))
    return BigInt(
      Math.round(
        [...wanted.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce(
          (sum, [, value, unit]) => sum + Number(value) * (UNITS[unit as string] as number),
          0,
        ),
      ),
    );
  using reader = openSession(folder);
  const markers = markersOf(reader.db, folder);
  const found = markers.find(({ note }) => note === wanted) ?? markers.find(({ code }) => code === wanted);
  if (!found) throw fieldroomError('export.moment-unknown', { text });
  return BigInt(found.atNs);
}
