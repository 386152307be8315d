/** Numbers out of bytes without a string in between; what is not plain decimal takes the slow way. */

/** Not a number at all; a blank, `nan`, `null` or `-` is a NaN instead: no value. */
export const NO_NUMBER = null;

const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);
const decoder = new TextDecoder();

/** The value of `bytes[start..end)`, NaN for no value, `NO_NUMBER` for text. Equals `Number(text)` to the last bit. */
export function readNumber(bytes: Uint8Array, start: number, end: number): number | typeof NO_NUMBER {
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
    } else if (digit === -2 && decimals < 0) decimals = 0;
    else return slow(bytes, start, end);
  }
  // Below 2^53 and 10^22 both numbers are exact, so their quotient is the nearest double, as in Number().
  if (digits === 0 || digits > 15) return slow(bytes, start, end);
  const value = decimals > 0 ? mantissa / (POWERS[decimals] as number) : mantissa;
  return negative ? -value : value;
}

function slow(bytes: Uint8Array, start: number, end: number): number | typeof NO_NUMBER {
  return numberOf(decoder.decode(bytes.subarray(start, end)));
}

/** The same for text: also `1,5` where the comma cannot be a delimiter, and the words boards print for "no value". */
export function numberOf(text: string): number | typeof NO_NUMBER {
  const plain = text.trim();
  if (plain === '' || /^(?:[-+]?nan|null|none|n\/?a|-+|[-+]?inf(?:inity)?|ovf)$/i.test(plain)) return Number.NaN;
  if (/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(plain)) return Number(plain);
  if (/^[-+]?\d+,\d+$/.test(plain)) return Number(plain.replace(',', '.'));
  if (/^0x[0-9a-f]{1,13}$/i.test(plain)) return Number(plain);
  return NO_NUMBER;
}

/** 1 or 0 for what boards print for yes and no. */
export function booleanOf(text: string): number | typeof NO_NUMBER {
  const plain = text.trim();
  if (/^(?:1|true|on|yes|high|pressed)$/i.test(plain)) return 1;
  if (/^(?:0|false|off|no|low|released)$/i.test(plain)) return 0;
  return plain === '' ? Number.NaN : NO_NUMBER;
}
