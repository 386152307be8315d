/** Session times formatted for people. */
import { clockText } from '../../components/format.ts';

/** `1:02.345`; hours only if there are any. */
export function momentText(ns: number, decimals = 3): string {
  const negative = ns < 0;
  const units = 10 ** decimals;
  const all = Math.floor(Math.abs(ns) / (1e9 / units));
  const rest = decimals === 0 ? '' : `.${String(all % units).padStart(decimals, '0')}`;
  return `${negative ? '-' : ''}${clockText(Math.floor(all / units))}${rest}`;
}

/** Parses `1:02.5`, `62` and `1:02:03` to nanoseconds; null: it is none of these. */
export function parseMoment(text: string): number | null {
  const match = /^(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,5})(?:[.,](\d{1,9}))?$/.exec(text.trim());
  if (!match) return null;
  const [, hours = '0', minutes = '0', seconds = '0', rest = ''] = match;
  if (match[2] !== undefined && Number(seconds) > 59) return null;
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return whole * 1e9 + Number(rest.padEnd(9, '0'));
}

/** Time of day of a session time, with seconds, in the local format. */
export const dayTimeText = (zeroWallMs: number, ns: number): string =>
  new Date(zeroWallMs + ns / 1e6).toLocaleTimeString(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
