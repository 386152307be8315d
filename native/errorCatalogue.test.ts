// Every sentence of an error is in the catalogue, and every sentence of the catalogue is used.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import catalogue from '../resources/locales/errors.en.json' with { type: 'json' };

const root = join(import.meta.dirname, '..');
const sources = ['electron', 'devices', 'renderer'].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
    .map((name) => ({ name: `${room}/${name}`, text: readFileSync(join(root, room, name), 'utf8') })),
);

test('no error carries its sentence in code', () => {
  const written = sources
    .filter(({ name }) => name !== 'electron/common/errors.ts')
    .filter(({ text }) => /new FieldroomError\(\s*['"`]/.test(text.replace("new FieldroomError('internal'", '')));
  expect(written.map(({ name }) => name)).toEqual([]);
});

test('every sentence of the catalogue is used', () => {
  const all = sources.map(({ text }) => text).join('\n');
  // `upload.` and `livekit.` keys are put together of an area and a name in places.
  const unused = Object.keys(catalogue).filter((key) => {
    const name = key.slice(key.indexOf('.') + 1);
    return (
      !all.includes(`'${key}'`) &&
      !all.includes(`'${name}'`) &&
      !new RegExp(`\\b${name}: '(again|over|person)'`).test(all)
    );
  });
  expect(unused).toEqual([]);
});
