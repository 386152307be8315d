import { writeFile } from 'node:fs/promises';
import type { ExportFormat } from '../format.ts';
import { tiersOf } from '../source/tiers.ts';
import { vttOf } from '../video/captions.ts';

export const vtt: ExportFormat = {
  name: 'vtt',
  about: 'markers, gaps, annotations and texts as WebVTT captions, one file each',
  rounding: 'Whole milliseconds.',
  tasks: ({ source }) => [
    {
      name: 'captions',
      weight: 1,
      async run(files) {
        const taken = new Set<string>();
        for (const { name, items } of tiersOf(source)) {
          const path = await files.add(`${fileName(name, taken)}.vtt`, `${name}, from session time 0`);
          await writeFile(path, vttOf(items, name));
        }
      },
    },
  ],
};

/** An unused file name that is valid on every system. */
export function fileName(name: string, taken: Set<string>): string {
  const base =
    name
      .normalize('NFC')
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
      .replaceAll(/^[-.]+|[-.]+$/g, '')
      .slice(0, 80) || 'tier';
  let made = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(base) ? `${base}-` : base;
  for (let i = 2; taken.has(made.toLowerCase()); i += 1) made = `${base}-${i}`;
  taken.add(made.toLowerCase());
  return made;
}
