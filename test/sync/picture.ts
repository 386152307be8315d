/** Reads the source's frames back from the recording with ffmpeg. */
import { spawn } from 'node:child_process';

const CELLS = 48;
const CELL = 12;
const TIME_BITS = 28;
const EVENT_BITS = 10;
const CHECK_BITS = 6;

export interface Shown {
  /** Time at which the frame was drawn, in steps of the source's counter. */
  ticks: number;
  /** Number of the last event, modulo 1024. */
  event: number;
}

/** One entry per frame, in file order; null: the cells could not be read. */
export async function readPictures(file: string): Promise<(Shown | null)[]> {
  const filter = `crop=${CELLS * CELL}:40:0:10,scale=${CELLS}:1:flags=area`;
  const child = spawn(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      file,
      '-fps_mode',
      'passthrough',
      '-enc_time_base',
      '-1',
      '-vf',
      filter,
      '-f',
      'rawvideo',
      '-pix_fmt',
      'gray',
      '-',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let words = '';
  child.stderr.on('data', (text: Buffer) => {
    words += text;
  });
  const shown: (Shown | null)[] = [];
  let rest = Buffer.alloc(0);
  for await (const chunk of child.stdout) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (; rest.length >= CELLS; rest = rest.subarray(CELLS)) shown.push(cellsOf(rest.subarray(0, CELLS)));
  }
  if (words.trim() !== '') throw new Error(`ffmpeg: ${words}`);
  return shown;
}

function cellsOf(bytes: Uint8Array): Shown | null {
  const bits = Array.from(bytes, (value) => value > 127);
  const number = (from: number, count: number): number =>
    bits.slice(from, from + count).reduce((sum, bit, i) => sum + (bit ? 2 ** i : 0), 0);
  const framed = bits[0] && !bits[1] && !bits[CELLS - 2] && bits[CELLS - 1];
  const value = number(2, TIME_BITS + EVENT_BITS);
  const check = number(2 + TIME_BITS + EVENT_BITS, CHECK_BITS);
  if (!framed || check !== ((value % 61) + 1) % 2 ** CHECK_BITS) return null;
  return { event: value % 2 ** EVENT_BITS, ticks: Math.floor(value / 2 ** EVENT_BITS) };
}
