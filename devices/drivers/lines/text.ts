/** Decodes the bytes of a line as text. */
const decoder = new TextDecoder();
/** Characters that boards print in Latin-1 although the rest is UTF-8: degree (also the LCD's), micro, squared, cubed. */
const LATIN: Readonly<Record<number, string>> = { 176: '°', 223: '°', 181: 'µ', 178: '²', 179: '³', 186: 'º' };

/** Decodes UTF-8; single bytes that are a unit's sign in Latin-1 are read as such. */
export function lineText(bytes: Uint8Array, start: number, end: number): string {
  const text = decoder.decode(bytes.subarray(start, end));
  if (!text.includes('\ufffd')) return text;
  let fixed = '';
  for (let i = start; i < end; i += 1) {
    const byte = bytes[i] as number;
    const sign = byte < 128 ? String.fromCharCode(byte) : LATIN[byte];
    if (sign === undefined) return text;
    fixed += sign;
  }
  return fixed;
}
