// The import directions in CONTRIBUTING.md, checked against the code.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** What each module may import: other modules, and packages where these are limited. */
const rooms: Record<string, { rooms: string[]; packages?: (name: string) => boolean }> = {
  'electron/common': { rooms: [], packages: (name) => name === 'zod' || name === 'intl-messageformat' },
  'electron/session': { rooms: ['electron/common'], packages: (name) => name !== 'electron' },
  'electron/engine': {
    rooms: ['electron/common', 'electron/session', 'native/locate.mjs'],
    packages: (name) => name !== 'electron',
  },
  'electron/export': { rooms: ['electron/common', 'electron/session'], packages: (name) => name !== 'electron' },
  devices: { rooms: ['electron/common'], packages: (name) => name !== 'electron' },
  'electron/cli': {
    rooms: [
      'electron/common',
      'electron/session',
      'electron/export',
      'electron/engine',
      'devices',
      'native/display.mjs',
      'native/locate.mjs',
    ],
    packages: (name) => name !== 'electron',
  },
  'electron/main': { rooms: ['electron/common'] },
  'electron/preload': { rooms: ['electron/common'] },
  renderer: { rooms: ['electron/common'], packages: (name) => name !== 'electron' && !name.startsWith('node:') },
  native: { rooms: [], packages: (name) => name.startsWith('node:') || name === 'electron' },
};

// Files that every module may read: the product's name and version, and shipped documents.
const forAll = ['resources', 'package.json', 'docs/guide'];
const code = /\.(ts|tsx|mjs)$/;
const testCode = /\.(test|property\.test)\.tsx?$/;
const imports =
  /(?:^|[\s;}])(?:import|export)\s[^'"();]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g;

function filesOf(room: string): string[] {
  const folder = join(root, room);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => code.test(name) && !name.endsWith('.d.mts') && !name.split(sep).includes('node_modules'))
    .map((name) => join(folder, name));
}

function importsOf(text: string): string[] {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  return [...withoutComments.matchAll(imports)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function wrongImports(room: string): string[] {
  const rule = rooms[room];
  if (!rule) throw new Error(`no rule for ${room}`);
  const allowed = [room, ...rule.rooms, ...forAll];
  return filesOf(room).flatMap((file) =>
    importsOf(readFileSync(file, 'utf8')).flatMap((name) => {
      if (!name.startsWith('.'))
        return testCode.test(file) || (rule.packages?.(name) ?? true) ? [] : [`${file}: ${name}`];
      const to = relative(root, resolve(dirname(file), name.split('?')[0] ?? name))
        .split(sep)
        .join('/');
      const good = allowed.some((place) => to === place || to.startsWith(`${place}/`));
      return good ? [] : [`${relative(root, file)}: ${name}`];
    }),
  );
}

test.each(Object.keys(rooms))('%s imports only what its row allows', (room) => {
  expect(wrongImports(room)).toEqual([]);
});

test('every form of import is found', () => {
  const text = `import a from './a.ts';\nimport type { B } from "./b.ts";\nimport {\n  c,\n} from './c.ts';\nimport './d.css';
export * from './e.ts';\nconst f = await import('./f.ts');\n// import g from './g.ts';`;
  expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.css', './e.ts', './f.ts']);
});
