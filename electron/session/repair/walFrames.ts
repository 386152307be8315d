/**
 * Reads the frames of SQLite's write-ahead log (file format, section 4) past a damaged one. SQLite itself stops at the
 * first frame with a wrong checksum, and discards the rest. Each frame's checksum continues that of the previous frame,
 * so later frames are verified by the checksum stored in the damaged one.
 */

export const WAL_HEADER_BYTES = 32;
export const FRAME_HEADER_BYTES = 24;

type Pair = [number, number];

export interface Frame {
  /** Page number; and the file's page count after this commit, 0: not a commit frame. */
  page: number;
  commitPages: number;
  data: Uint8Array;
  /** `mended`: one damaged word was corrected, verified by the checksum. `lost`: its contents cannot be verified. */
  state: 'whole' | 'mended' | 'lost';
  /**
   * For a lost frame: possible contents according to the checksum; the right one is among them if one word was damaged.
   */
  candidates?: Uint8Array[];
}

export interface Wal {
  header: Uint8Array;
  pageBytes: number;
  bigEndian: boolean;
  frames: Frame[];
  /** SQLite would stop before the end. */
  damaged: boolean;
}

/** Null: not a log, or an unusable header. */
export function readWal(bytes: Uint8Array): Wal | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < WAL_HEADER_BYTES) return null;
  const magic = view.getUint32(0);
  const pageBytes = view.getUint32(8);
  if ((magic & ~1) >>> 0 !== 0x377f0682 || pageBytes < 512 || pageBytes > 65_536) return null;
  const bigEndian = (magic & 1) === 1;
  const stored: Pair = [view.getUint32(24), view.getUint32(28)];
  const made = checksum(view, 0, 24, [0, 0], bigEndian);
  const wal: Wal = {
    header: new Uint8Array(bytes.subarray(0, WAL_HEADER_BYTES)),
    pageBytes,
    bigEndian,
    frames: [],
    damaged: !same(stored, made),
  };
  readFrames(wal, bytes, view, same(stored, made) ? made : stored);
  return wal;
}

interface Place {
  at: number;
  stored: Pair;
  salts: boolean;
}

function readFrames(wal: Wal, bytes: Uint8Array, view: DataView, start: Pair): void {
  const size = FRAME_HEADER_BYTES + wal.pageBytes;
  const count = Math.floor((bytes.byteLength - WAL_HEADER_BYTES) / size);
  const salts: Pair = [view.getUint32(16), view.getUint32(20)];
  const placeOf = (i: number): Place => {
    const at = WAL_HEADER_BYTES + i * size;
    const stored: Pair = [view.getUint32(at + 16), view.getUint32(at + 20)];
    return { at, stored, salts: same(salts, [view.getUint32(at + 8), view.getUint32(at + 12)]) };
  };
  const sumOf = ({ at }: Place, from: Pair): Pair =>
    checksum(view, at + FRAME_HEADER_BYTES, wal.pageBytes, checksum(view, at, 8, from, wal.bigEndian), wal.bigEndian);
  /** Whether frame `i` continues a checksum. */
  const continues = (i: number, from: Pair): boolean => {
    if (i >= count) return false;
    const place = placeOf(i);
    // Frames of an earlier cycle are also a valid chain; only the salts differ.
    return place.salts && same(sumOf(place, from), place.stored);
  };
  let before = start;
  for (let i = 0; i < count; i += 1) {
    const place = placeOf(i);
    const made = sumOf(place, before);
    const frame = (data: Uint8Array, state: Frame['state'], candidates?: Uint8Array[]): void => {
      wal.frames.push({ ...frameOf(data), state, ...(candidates ? { candidates } : {}) });
      if (state !== 'whole') wal.damaged = true;
    };
    const own = bytes.subarray(place.at, place.at + size);
    if (same(made, place.stored)) {
      // A log is overwritten from its start; frames of an earlier cycle have other salts.
      if (!place.salts && !continues(i + 1, made)) return;
      frame(own, place.salts ? 'whole' : 'mended');
      before = made;
      continue;
    }
    if (continues(i + 1, made)) {
      // Only its checksum is damaged.
      frame(own, 'mended');
      before = made;
      continue;
    }
    const corrected = correct(own, place.stored, made, wal.bigEndian);
    const [only] = corrected;
    if (only && (place.salts || continues(i + 1, place.stored))) {
      if (corrected.length === 1) frame(only, 'mended');
      else frame(own, 'lost', corrected);
      before = place.stored;
      continue;
    }
    const next = resume(i, count, placeOf, continues);
    if (next === null) return;
    for (let lost = i; lost < next; lost += 1) frame(bytes.subarray(placeOf(lost).at, placeOf(lost).at + size), 'lost');
    before = placeOf(next - 1).stored;
    i = next - 1;
  }
}

/** A damaged sign bit fits at half of the positions. */
const MOST_CANDIDATES = 1100;
/** Maximum consecutive damaged frames to read across. */
const MOST_LOST = 64;

/** The next frame that is verified by the preceding checksum; null: none. */
function resume(
  from: number,
  count: number,
  placeOf: (i: number) => Place,
  continues: (i: number, from: Pair) => boolean,
): number | null {
  for (let i = from + 1; i < Math.min(count, from + MOST_LOST); i += 1)
    if (continues(i, placeOf(i - 1).stored)) return i;
  return null;
}

/** A frame from its bytes. */
export function frameOf(data: Uint8Array): Omit<Frame, 'state'> {
  const head = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { page: head.getUint32(0), commitPages: head.getUint32(4), data: data.subarray(FRAME_HEADER_BYTES) };
}

/**
 * Corrects one 32-bit word of a frame. The checksum is linear: an error of `e` in a word adds `e` times the word's
 * weight. So the difference of the two checksums, traced back by word pairs, is (e, e) or (0, e) at the error. If only
 * the highest byte of a word is damaged, the difference has few bits and fits at several positions: all are returned.
 */
function correct(frame: Uint8Array, stored: Pair, made: Pair, bigEndian: boolean): Uint8Array[] {
  const found: Uint8Array[] = [];
  let [d0, d1] = [(stored[0] - made[0]) >>> 0, (stored[1] - made[1]) >>> 0];
  const pairs = 1 + (frame.byteLength - FRAME_HEADER_BYTES) / 8;
  for (let pair = pairs - 1; pair >= 0; pair -= 1) {
    const word = d0 === d1 ? 0 : d0 === 0 ? 1 : -1;
    if (word >= 0) {
      const fixed = new Uint8Array(frame);
      const view = new DataView(fixed.buffer);
      const at = (pair === 0 ? 0 : FRAME_HEADER_BYTES + 8 * (pair - 1)) + 4 * word;
      view.setUint32(at, (view.getUint32(at, !bigEndian) + d1) >>> 0, !bigEndian);
      found.push(fixed);
      if (found.length > MOST_CANDIDATES) return [];
    }
    [d0, d1] = [(2 * d0 - d1) >>> 0, (d1 - d0) >>> 0];
  }
  return found;
}

/** SQLite's file format, section 4.2. */
function checksum(view: DataView, from: number, bytes: number, [a, b]: Pair, bigEndian: boolean): Pair {
  let s0 = a;
  let s1 = b;
  for (let at = from; at < from + bytes; at += 8) {
    s0 = (s0 + view.getUint32(at, !bigEndian) + s1) >>> 0;
    s1 = (s1 + view.getUint32(at + 4, !bigEndian) + s0) >>> 0;
  }
  return [s0, s1];
}

const same = (a: Pair, b: Pair): boolean => a[0] === b[0] && a[1] === b[1];

/** Builds a log of these frames, with new checksums. */
export function writeWal({ header, pageBytes, bigEndian }: Wal, frames: readonly Frame[]): Uint8Array {
  const size = FRAME_HEADER_BYTES + pageBytes;
  const out = new Uint8Array(WAL_HEADER_BYTES + frames.length * size);
  const view = new DataView(out.buffer);
  out.set(header);
  let sum = checksum(view, 0, 24, [0, 0], bigEndian);
  const put = (at: number): void => {
    view.setUint32(at, sum[0]);
    view.setUint32(at + 4, sum[1]);
  };
  put(24);
  frames.forEach(({ page, commitPages, data }, i) => {
    const at = WAL_HEADER_BYTES + i * size;
    view.setUint32(at, page);
    view.setUint32(at + 4, commitPages);
    out.set(out.subarray(16, 24), at + 8);
    out.set(data, at + FRAME_HEADER_BYTES);
    sum = checksum(view, at + FRAME_HEADER_BYTES, pageBytes, checksum(view, at, 8, sum, bigEndian), bigEndian);
    put(at + 16);
  });
  return out;
}
