import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from '../../../resources/locales/en.json' with { type: 'json' };

const FOLDER = join(import.meta.dirname, '../../../docs/guide');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
/** Texts of the window, without their parameters. */
const words = new Set(Object.values(en).flatMap((text) => (text.includes('{') ? [] : [text])));
/** Bold words that are not a button or page: kinds, or sentences that the window fills in. */
const NOT_WORDS = /:$|^(?:Losing data|Gaps|Lines of text|A |Heart straps|Pozyx tags)/;

describe.each(files)('the guide: %s', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  it('names buttons and pages as in the window', () => {
    const bold = [...text.matchAll(/\*\*([^*]+)\*\*/g)]
      .map(([, said]) => said ?? '')
      .filter((said) => !NOT_WORDS.test(said));
    expect(bold.filter((said) => !words.has(said))).toEqual([]);
  });
  it('links only to existing files', () => {
    const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map(([, file]) => file ?? '');
    expect(links.filter((file) => !existsSync(join(FOLDER, file)))).toEqual([]);
  });
});
