// Writes THIRD_PARTY_NOTICES.md: every package that ships with Fieldroom, with its version, licence and licence text.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { electronVersion, nodeVersion, onPath, pins, readJson, root } from './locate.mjs';
import { runTool } from './progress.mjs';
import { tellError } from './setupError.mjs';

const unnamed = 'see text';
const licenceFile = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
// Pages are bundled from these development dependencies, so they and their own dependencies ship too.
const bundled = ['@mantine/core', '@mantine/hooks', 'react', 'react-dom', 'uplot'];

/** The packages that ship, by the lock file: every dependency of production or of a bundled page, for every system. */
function shippedPackages() {
  const locked = readJson(join(root, 'package-lock.json')).packages;
  const found = new Map();
  const visit = (name, from) => {
    const path = resolvePackage(locked, name, from);
    if (!path || found.has(path)) return;
    found.set(path, { name, version: locked[path].version, licence: locked[path].license });
    const { dependencies, optionalDependencies } = locked[path];
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, path);
  };
  for (const name of [...Object.keys(locked[''].dependencies), ...bundled]) visit(name, '');
  return [...found].map(([path, about]) => ({ ...about, folder: join(root, ...path.split('/')) }));
}

/** The packages among them that npm counts as tools: pages are bundled from them. */
export function bundledPackages() {
  const locked = readJson(join(root, 'package-lock.json')).packages;
  return shippedPackages().filter(({ folder }) => {
    const path = relative(root, folder).split(sep).join('/');
    return locked[path]?.dev || locked[path]?.devOptional;
  });
}

function resolvePackage(locked, name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = `${at ? `${at}/` : ''}node_modules/${name}`;
    if (locked[path]) return path;
    if (!at) return undefined;
  }
}

/** The Go modules linked into livekit-server and the bridge, read from the pinned module graph in Go's module cache. */
async function goModules() {
  const go = onPath('go');
  if (!go) throw new Error('Writing the notices requires Go, because livekit-server is linked from Go modules.');
  const code = {
    code: 'notices.go',
    nextStep: 'Check that this machine can reach the Go module proxy, then start again.',
  };
  const format = '{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}';
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '', GOOS: 'linux', GOARCH: 'amd64' };
  const args = ['list', '-mod=readonly', '-deps', '-f', format, pins.livekitServer.goModule, './bridge'];
  const list = await runTool(go, args, { cwd: join(root, 'native'), env, ...code });
  const lines = list.split('\n').filter((line) => line !== '' && !line.startsWith('fieldroom/'));
  return [...new Set(lines)].map((line) => {
    const [name, version, folder] = line.split('\t');
    return { name, version, folder };
  });
}

function licenceTexts(folder) {
  if (!folder || !existsSync(folder)) return [];
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && licenceFile.test(entry.name),
  );
  return files.map((entry) => readFileSync(join(folder, entry.name), 'utf8').replace(/\r\n/g, '\n').trim()).sort();
}

/** The name of a licence by its text, for modules that state none. */
function nameOf(text) {
  if (/two different licenses: MIT and Apache/.test(text)) return 'MIT AND Apache-2.0';
  if (/Apache License,?\s+Version 2\.0/.test(text)) return 'Apache-2.0';
  if (/Mozilla Public License,? (Version|v\.) ?2\.0/i.test(text)) return 'MPL-2.0';
  if (/Permission is hereby granted, free of charge/.test(text)) return 'MIT';
  if (/Permission to use, copy, modify, and\/?(or)? ?distribute this software/.test(text)) return 'ISC';
  if (/Redistribution and use in source and binary forms/.test(text))
    return /Neither the name|may not be used to endorse/.test(text) ? 'BSD-3-Clause' : 'BSD-2-Clause';
  return unnamed;
}

function nameOfAny(texts) {
  return texts.map(nameOf).find((name) => name !== unnamed) ?? unnamed;
}

const byName = (a, b) => (a.name === b.name ? (a.version < b.version ? -1 : 1) : a.name < b.name ? -1 : 1);

async function write() {
  const texts = new Map();
  const numberOf = (text) => {
    const key = createHash('sha256').update(text).digest('hex');
    if (!texts.has(key)) texts.set(key, { number: texts.size + 1, text });
    return texts.get(key).number;
  };
  const row = ({ name, version, licence, folder }) => {
    const own = licenceTexts(folder);
    const refs = own.map((text) => `[${numberOf(text)}](#text-${numberOf(text)})`).join(' ');
    return `| ${name} | ${version} | ${licence ?? nameOfAny(own)} | ${refs} |`;
  };
  const head = '| name | version | licence | text |\n|---|---|---|---|';
  const npm = shippedPackages().sort(byName).map(row);
  const go = (await goModules()).sort(byName).map(row);
  const electron = readJson(join(root, 'node_modules', 'electron', 'package.json'));
  const runtimes = [
    row({
      name: 'Electron',
      version: electronVersion,
      licence: electron.license,
      folder: join(root, 'node_modules', 'electron'),
    }),
    `| Node.js | ${nodeVersion} | MIT and those of its parts | in its distribution, LICENSE |`,
    `| Chromium and FFmpeg in Electron | as in Electron | BSD-3-Clause, LGPL-2.1 and others | LICENSES.chromium.html beside Electron |`,
  ];
  const blocks = [...texts.values()].map(({ number, text }) => `### Text ${number}\n\n~~~\n${text}\n~~~`);
  const page = [
    '# Third-party notices',
    'Written by `npm run notices` from what is locked and installed; not by hand. Fieldroom itself is under Apache-2.0 (LICENSE).',
    `## Runtimes\n\n${head}\n${runtimes.join('\n')}`,
    `## npm packages\n\n${head}\n${npm.join('\n')}`,
    `## Go modules in livekit-server ${pins.livekitServer.version} and the bridge\n\n${head}\n${go.join('\n')}`,
    `## Texts\n\n${blocks.join('\n\n')}`,
  ];
  writeFileSync(join(root, 'THIRD_PARTY_NOTICES.md'), `${page.join('\n\n')}\n`);
  process.stderr.write(
    `THIRD_PARTY_NOTICES.md: ${npm.length} packages, ${go.length} Go modules, ${texts.size} texts\n`,
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await write().catch((error) => {
    process.exitCode = tellError(error);
  });
