import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { kitJsonSchema } from './kitSchema.ts';

it('the published kit schema matches the code', () => {
  const text = readFileSync(new URL('../../resources/kit.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(text), 'run: node electron/cli/kitSchema.entry.ts').toEqual(
    JSON.parse(JSON.stringify(kitJsonSchema())),
  );
});
