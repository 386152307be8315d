/** Fuzz target for the lines of the Pozyx sketches; run by `test/fuzz/run.ts`. */
import { PozyxLinesParser } from '../../devices/drivers/pozyx-lines/parser.ts';

export const name = 'pozyx-lines';

const parser = new PozyxLinesParser();

export function target(bytes: Uint8Array): void {
  parser.push(bytes);
}

export const seeds = [
  'POS,0x6012,1234,-567,1050\r\n',
  'POS ID 0x6012, x(mm): 1234, y(mm): -567, z(mm): 1050\r\n',
  'x_mm: 1234\ty_mm: -567\tz_mm: 1050\r\n',
  'POS,0x6012,1234,-567,1050,120,95,400,-3,10,7,3456,-83\r\n',
  '123456ms, 3456mm, -83dBm\r\n',
  'ERROR positioning on ID 0x6012, error code: 0x11\r\n',
  `${Array.from({ length: 29 }, (_, i) => i).join(',')}\r\n`,
].map((line) => Buffer.from(line));
