/** Fuzz target for the lines of the pulse boards; run by `test/fuzz/run.ts`. */
import { PulseLinesParser } from '../../devices/drivers/pulse-lines/parser.ts';

export const name = 'pulse-lines';

const parsers = [
  new PulseLinesParser('auto', 1),
  new PulseLinesParser('visualizer', 3),
  new PulseLinesParser('json', 1),
];

export function target(bytes: Uint8Array): void {
  for (const parser of parsers) {
    parser.push(bytes);
    // As a separate line, so that whole inputs are parsed too.
    parser.push(Uint8Array.of(10));
  }
}
