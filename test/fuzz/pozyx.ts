/** Fuzz target for the Pozyx register protocol: replies and their decoded contents; run by `test/fuzz/run.ts`. */
import { decodeCovariance, decodePosition, decodeRange, decodeSensors } from '../../devices/drivers/pozyx/decode.ts';
import { PozyxParser } from '../../devices/drivers/pozyx/parser.ts';

export const name = 'pozyx';

const parser = new PozyxParser();

export function target(bytes: Uint8Array): void {
  for (const frame of parser.push(bytes)) {
    if (frame.type !== 'data') continue;
    if (frame.bytes.length >= 49) decodeSensors(frame.bytes);
    if (frame.bytes.length >= 12) decodePosition(frame.bytes);
    if (frame.bytes.length >= 12) decodeCovariance(frame.bytes);
    if (frame.bytes.length >= 10) decodeRange(frame.bytes);
  }
}

export const seeds = [
  'D,43\r\n',
  'D,d2040000c9fdffff1a040000\r\n',
  'D,01d2040000c9fdffff1a04000001\r\n',
  'D,92a6df05f4ff4500b503400160ff80021000e0ff0000a0051000e0ff\r\n',
  '\r\n',
].map((line) => Buffer.from(line));
