/** Fuzz target for the lines driver in each of its formats, and for its format detection; run by `test/fuzz/run.ts`. */
import { keyValueLine, teleplotLine } from '../../devices/drivers/lines/fields.ts';
import { guessColumns, makePlan } from '../../devices/drivers/lines/guess.ts';
import { LinesParser } from '../../devices/drivers/lines/parser.ts';
import { linesSettingsSchema } from '../../devices/drivers/lines/settings.ts';

export const name = 'lines';

const columns = [{ name: 'a' }, { name: 'b', type: 'text' }];
const parsers = [
  { format: 'csv', columns },
  { format: 'csv', delimiter: ', ', decimal: ',', columns },
  { format: 'whitespace', columns, checksum: 'crc8' },
  { format: 'key-value', columns },
  { format: 'json', columns, counter: 'n' },
  { format: 'teleplot', columns },
].flatMap((settings) => {
  const plan = makePlan(linesSettingsSchema.parse(settings), []);
  return plan ? [new LinesParser(plan, 256)] : [];
});
const decoder = new TextDecoder();

export function target(bytes: Uint8Array): void {
  for (const parser of parsers) {
    parser.push(bytes);
    parser.push(Uint8Array.of(10));
  }
  if (bytes.length >= 64) return;
  const text = decoder.decode(bytes);
  keyValueLine(text);
  teleplotLine(`>${text}`);
  guessColumns(text.split('\n'));
}
