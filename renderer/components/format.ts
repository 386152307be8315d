/** Figures formatted for people. */
import { counted, decimal, decimalPoint, number, t } from './words.ts';

/** `0:00`, `12:34`, `1:02:03`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes}:${two(whole % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`;
}

/** `45 min`, `3 h 20 min`, `more than 4 days`. */
export function minutesText(minutes: number): string {
  const whole = Math.floor(minutes);
  if (whole < 120) return t('time.minutes', { minutes: whole });
  if (whole < 24 * 60) return t('time.hours', { hours: Math.floor(whole / 60), minutes: whole % 60 });
  return counted('time.day', Math.floor(whole / 1440));
}

/** `now` if less than a second old, then `1.2 s ago`, `12 s ago`, `3 min ago`. */
export function ageText(ms: number): string {
  if (ms < 1000) return t('age.now');
  if (ms < 9950) return t('age.seconds', { seconds: decimal(ms / 1000) });
  return ms < 120_000
    ? t('age.seconds', { seconds: number(ms / 1000) })
    : t('age.minutes', { minutes: number(ms / 60_000) });
}

/** `heart rate` for `heart_rate`, `rr` for `rr_ms`: the unit is shown after the value. */
export function channelText({ name, unit }: { name: string; unit: string }): string {
  const tail = `_${unit.replace('µ', 'u')}`;
  const bare = unit !== '' && name.endsWith(tail) ? name.slice(0, -tail.length) : name;
  return bare.replaceAll('_', ' ');
}

/** A measured value with enough digits to see it change, but no more. */
export function valueText(value: number | string | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value.length > 24 ? `${value.slice(0, 23)}…` : value;
  if (Number.isInteger(value)) return number(value);
  return Math.abs(value) >= 1000
    ? number(value)
    : value
        .toPrecision(4)
        .replace(/\.?0+$/, '')
        .replace('.', decimalPoint);
}
