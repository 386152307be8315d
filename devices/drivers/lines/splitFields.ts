/** Finds where the fields of a delimited line begin and end; shared by the reader and the guess. */

const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 9;

/**
 * Blanks and quotes around a field are removed; a delimiter between quotes does not separate fields.
 * @param delimiter one character, a blank for any run of blanks, or `, ` for a comma followed by a blank
 * @returns the number of fields; those beyond the size of `starts` are dropped
 */
export function splitFields(
  bytes: Uint8Array,
  start: number,
  end: number,
  delimiter: string,
  starts: Int32Array,
  ends: Int32Array,
): number {
  const most = starts.length - 1;
  const code = delimiter.charCodeAt(0);
  const isPair = delimiter.length === 2;
  let count = 0;
  let from = start;
  if (code === 32) {
    for (let i = start; i <= end && count < most; i += 1) {
      if (i < end && !isBlank(bytes[i])) continue;
      if (i > from) {
        starts[count] = from;
        ends[count] = i;
        count += 1;
      }
      from = i + 1;
    }
    return count;
  }
  let quoted = false;
  for (let i = start; i <= end && count < most; i += 1) {
    const byte = bytes[i];
    if (i < end) {
      if (byte === 34) quoted = !quoted;
      if (byte !== code || quoted || (isPair && !isBlank(bytes[i + 1]))) continue;
    }
    let a = from;
    let b = i;
    while (a < b && bytes[a] === 32) a += 1;
    while (b > a && bytes[b - 1] === 32) b -= 1;
    if (b - a >= 2 && bytes[a] === 34 && bytes[b - 1] === 34) {
      a += 1;
      b -= 1;
    }
    starts[count] = a;
    ends[count] = b;
    count += 1;
    from = i + 1;
  }
  return count;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const starts = new Int32Array(257);
const ends = new Int32Array(257);

/** The fields as text. */
export function fieldsOf(line: string, delimiter: string): string[] {
  const bytes = encoder.encode(delimiter === '\t' ? line : line.trim());
  const count = splitFields(bytes, 0, bytes.length, delimiter, starts, ends);
  return Array.from({ length: count }, (_, i) => decoder.decode(bytes.subarray(starts[i], ends[i])));
}
