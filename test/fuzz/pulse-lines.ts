/** Fuzz target of the pulse boards' lines; run by `test/fuzz/run.ts`. */
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
    // As a line of its own, so that whole inputs are read too.
    parser.push(Uint8Array.of(10));
  }
}
