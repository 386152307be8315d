/** Fuzz target for Go Direct reports, replies and measurements; run by `test/fuzz/run.ts`. */
import { decodeMeasurement } from '../../devices/drivers/go-direct/measurement.ts';
import { GoDirectParser, toReports } from '../../devices/drivers/go-direct/parser.ts';
import { decodeInfo, decodeMask, decodeSensor, decodeStatus } from '../../devices/drivers/go-direct/protocol.ts';

export const name = 'go-direct';

const parser = new GoDirectParser();

export function target(bytes: Uint8Array): void {
  for (const frame of parser.push(bytes)) if (frame.type !== 'resync') decode(frame.bytes);
  // Random bytes rarely pass a report's length and a frame's checksum, so they are also fed past both.
  for (const report of toReports(bytes.subarray(0, 255))) parser.push(report);
  decode(bytes);
}

function decode(frame: Uint8Array): void {
  decodeMeasurement(frame);
  decodeStatus(frame);
  decodeInfo(frame);
  decodeSensor(frame);
  decodeMask(frame);
}
