// Checks documents against the repository: the files, folders, dependencies and commands they name exist, and none is missing.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const FOLDERS = ['.github', 'devices', 'docs', 'electron', 'native', 'renderer', 'resources', 'test'];
const tree = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.split(sep).includes('node_modules'))
    .map((name) => `${folder}/${name.split(sep).join('/')}`),
);
const read = (name: string): string => readFileSync(join(root, name), 'utf8').replaceAll('\r\n', '\n');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...tree.filter((name) => /^docs\/.*\.md$/.test(name) || basename(name) === 'README.md'),
];

/** A span in backticks that begins with a folder of the repository, or ends like source code. No placeholders. */
const isRepositoryPath = (span: string): boolean =>
  /^[\w.@/-]+$/.test(span) &&
  (FOLDERS.some((folder) => span.startsWith(`${folder}/`)) || /[\w-]\.(ts|tsx|mjs|go)$/.test(span));

/** Where a document's link leads, without web addresses and anchors of the same page. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => (match[1] ?? '').split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));

const spansOf = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');

/** What `text`, the document `name`, cites and the repository does not have. */
function missingOf(name: string, text: string): string[] {
  const links = linksOf(text).filter((target) => !existsSync(resolve(root, dirname(name), target)));
  const spans = spansOf(text)
    .filter(isRepositoryPath)
    .map((span) => span.replace(/\/$/, ''))
    .filter((span) => !existsSync(join(root, span)) && !tree.some((file) => file.endsWith(`/${span}`)));
  return [...links, ...spans];
}

test.each(documents)('%s names only files that exist', (name) => {
  expect(missingOf(name, read(name))).toEqual([]);
});

const readme = read('README.md');
const product = JSON.parse(read('package.json')) as Record<'dependencies' | 'devDependencies' | 'scripts', object>;

/** The first column of the table whose header begins with `header`. */
function firstColumn(header: string): string[] {
  const [, ...rows] = (readme.split(`\n| ${header} |`)[1] ?? '').split('\n\n')[0]?.split('\n').slice(1) ?? [];
  return rows.map((row) => row.split(' | ')[0]?.replace(/^\| /, '') ?? '');
}

test('docs/security.md cites tests that exist', () => {
  const tests = tree.filter((name) => name.endsWith('.test.ts')).map(read);
  const table = read('docs/security.md')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  const cited = table.flatMap((row) => spansOf(row.split(' | ').at(-1) ?? '')).filter((span) => span.includes(' '));
  expect(cited.length).toBeGreaterThan(10);
  expect(cited.filter((title) => !tests.some((text) => text.includes(title)))).toEqual([]);
});

test.each([
  ['dependencies', 'in the product'],
  ['devDependencies', 'bundled, or for building and testing'],
] as const)('README gives each of the %s one line', (field, header) => {
  expect(firstColumn(header).sort()).toEqual(Object.keys(product[field]).sort());
});

test.each(['CHANGELOG.md', ...documents])('%s names only npm scripts that exist', (name) => {
  const named = [...read(name).matchAll(/npm run ([a-z:-]*[a-z])/g)].map((match) => match[1] ?? '');
  expect(named.filter((script) => !(script in product.scripts))).toEqual([]);
});

test('README lists every command and no other', () => {
  const code = read('electron/cli/cli.entry.ts');
  const groups = [...code.matchAll(/\.command\('([a-z-]+)'\)\s*\.description\([^)]*\)\s*\.command\('([a-z-]+)'\)/g)];
  const inGroups = groups.flatMap(([, group, command]) => [group, command]);
  const single = [...code.matchAll(/\.command\('([a-z-]+)'\)/g)].map((match) => match[1]);
  const commands = [
    ...groups.map(([, group, command]) => `${group} ${command}`),
    ...single.filter((command) => !inGroups.includes(command)),
  ];
  const listed = [...readme.matchAll(/^\| `npx fieldroom ([a-z]+(?: (?:build|test))?)[ `]/gm)].map((match) => match[1]);
  expect(listed.sort()).toEqual(commands.sort());
});

test('a file that does not exist is found in links and in backticks', () => {
  const text =
    'See [one](docs/none.md), [two](README.md#install), `electron/nowhere/`, `missingFile.ts`, `docsPaths.test.ts`.';
  expect(missingOf('README.md', text)).toEqual(['docs/none.md', 'electron/nowhere', 'missingFile.ts']);
  expect(relative(root, import.meta.dirname)).toBe('native');
});
