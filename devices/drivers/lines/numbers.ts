/** Reads numbers in the formats used around the world, from bytes and from text; nothing is silently rounded or truncated. */

/** Not a number that can be stored exactly; a blank, `nan`, `null` or `-` gives NaN instead, meaning no value. */
export const NO_NUMBER = null;

/** The decimal sign; null: either, as each number shows. */
export type Decimal = ',' | '.' | null;

const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);
const decoder = new TextDecoder();

/** The value of `bytes[start..end)`, NaN for no value, `NO_NUMBER` for text. Equals `Number(text)` to the last bit. */
export function readNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimal: Decimal = null,
): number | typeof NO_NUMBER {
  let at = start;
  let negative = false;
  const sign = bytes[at];
  if (sign === 45 || sign === 43) {
    negative = sign === 45;
    at += 1;
  }
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; at < end; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (digit === -2 && decimals < 0 && decimal !== ',') decimals = 0;
    else return slow(bytes, start, end, decimal);
  }
  // Below 2^53 and 10^22 both numbers are exact, so their quotient is the nearest double, as in Number().
  if (digits === 0 || digits > 15) return slow(bytes, start, end, decimal);
  const value = decimals > 0 ? mantissa / (POWERS[decimals] as number) : mantissa;
  return negative ? -value : value;
}

function slow(bytes: Uint8Array, start: number, end: number, decimal: Decimal): number | typeof NO_NUMBER {
  return numberOf(decoder.decode(bytes.subarray(start, end)), decimal);
}

const NO_VALUE = /^(?:[-+]?nan|null|none|n\/?a|-+)?$/i;
const PLAIN = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
const COMMA = /^[-+]?(?:\d+,\d*|,\d+)(?:e[-+]?\d+)?$/i;
/** `1.234.567` or `1.234,5`: points between thousands are recognised only with a comma or a second point. */
const POINTS_BETWEEN_THOUSANDS = /^[-+]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/;
const COMMAS_BETWEEN_THOUSANDS = /^[-+]?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$/;
const HEX = /^0x[0-9a-f]{1,13}$/i;

/** The same for text. A number that a float64 cannot store (1e309, an integer that would change) is `NO_NUMBER`. */
export function numberOf(text: string, decimal: Decimal = null): number | typeof NO_NUMBER {
  const plain = text.trim().replace(/^[−–](?=[\d.,])/, '-');
  if (NO_VALUE.test(plain)) return Number.NaN;
  if (decimal !== ',' && PLAIN.test(plain)) return exact(plain);
  if (decimal !== '.' && COMMA.test(plain)) return exact(plain.replace(',', '.'));
  if (decimal === ',' && PLAIN.test(plain) && !plain.includes('.')) return exact(plain);
  if (POINTS_BETWEEN_THOUSANDS.test(plain)) return exact(plain.replaceAll('.', '').replace(',', '.'));
  if (COMMAS_BETWEEN_THOUSANDS.test(plain)) return exact(plain.replaceAll(',', ''));
  return HEX.test(plain) ? Number(plain) : NO_NUMBER;
}

/** @param plain a decimal number. Null if a float64 would differ: too large, too small, or an integer beyond 2^53. */
function exact(plain: string): number | typeof NO_NUMBER {
  const value = Number(plain);
  if (!Number.isFinite(value)) return NO_NUMBER;
  if (value === 0 && /[1-9]/.test(plain.replace(/e.*$/i, ''))) return NO_NUMBER;
  if (!Number.isSafeInteger(value) && /^[-+]?\d+$/.test(plain) && BigInt(plain.replace(/^\+/, '')) !== BigInt(value))
    return NO_NUMBER;
  return value;
}

export interface Quantity {
  value: number;
  /** As printed after the number; empty: none. */
  unit: string;
}

/** Characters that units are written with; the first is not a digit, and not the `e` or `x` of a number. */
const WITH_UNIT = /^([-+−–]?[\d.,]*\d[.,]?(?:e[-+]?\d+)?)\s*((?:[\p{L}%‰°º'"µ])[\p{L}\d%‰°º'"µ/·*²³^.-]{0,15})$/iu;

/** `20.1`, `20,1 °C`, `40%`: a number and what follows it. Null for text. */
export function quantityOf(text: string, decimal: Decimal = null): Quantity | null {
  const whole = numberOf(text, decimal);
  if (whole !== NO_NUMBER) return { value: whole, unit: '' };
  const parts = WITH_UNIT.exec(text.trim());
  if (!parts) return null;
  const value = numberOf(parts[1] as string, decimal);
  return value === NO_NUMBER || Number.isNaN(value) ? null : { value, unit: parts[2] as string };
}

/** 1 or 0 for the words that boards print for yes and no. */
export function booleanOf(text: string): number | typeof NO_NUMBER {
  const plain = text.trim();
  if (/^(?:1|true|on|yes|high|pressed)$/i.test(plain)) return 1;
  if (/^(?:0|false|off|no|low|released)$/i.test(plain)) return 0;
  return plain === '' ? Number.NaN : NO_NUMBER;
}

/** A date, a date with a time of day, or a time of day, as boards with a clock print it. */
const DATE = String.raw`\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}`;
const OF_DAY = String.raw`\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,9})?`;
export const TIME_SOURCE = String.raw`(?:(?:${DATE})(?:[T ]${OF_DAY}(?:\s?(?:Z|[+-]\d{2}:?\d{2}))?)?|${OF_DAY})`;
const TIME = new RegExp(`^${TIME_SOURCE}$`);

/** True for text that is a time: it is kept as text, and its `:` does not separate a key from a value. */
export const isTime = (text: string): boolean => TIME.test(text.trim());

/**
 * A word instead of a number (`ERR`, `inf`, `open`): the device reports that it has no value, whereas digits would mean
 * damage.
 */
export const isWord = (text: string): boolean => /^[\p{L}_ !?*#.+-]{1,24}$/u.test(text.trim());
