/** Fuzz target for NMEA 0183 and the decoding of its sentences; run by `test/fuzz/run.ts`. */
import { NmeaParser } from '../../devices/drivers/nmea/parser.ts';
import { NmeaReader } from '../../devices/drivers/nmea/position.ts';

export const name = 'nmea';

const parser = new NmeaParser();
const reader = new NmeaReader();
const decoder = new TextDecoder();
const KINDS = ['RMC', 'GGA', 'ZDA'];

export function target(bytes: Uint8Array): void {
  for (const frame of parser.push(bytes)) if (frame.type === 'sentence') reader.read(frame);
  // Random checksums are rarely right, so fields are also fed directly.
  const kind = KINDS[(bytes[0] ?? 0) % KINDS.length] as string;
  reader.read({ type: 'sentence', talker: 'GP', kind, fields: decoder.decode(bytes).split(',') });
}
