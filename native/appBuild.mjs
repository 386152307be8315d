// Bundles Electron's main, preload and pages into out/; rebuilds when their inputs have changed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { nodeExecutable, packageJson, pins, root } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';

const inputs = [
  'electron/common',
  'electron/main',
  'electron/preload',
  'renderer',
  'resources',
  'electron.vite.config.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];
const bundled = /\.(ts|tsx|js|mjs|css|html|json|svg|png|woff2)$/;
const notBundled = /(\.test\.tsx?|\.md)$|\/resources\/sessions\//;
const stampFile = join(root, 'out', '.inputs');

/** One hash of the names and contents of all inputs. */
export function inputsHash() {
  const hash = createHash('sha256');
  for (const file of inputs.flatMap((name) => filesIn(join(root, ...name.split('/')))).sort()) {
    hash
      .update(`${relative(root, file).split(sep).join('/')}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

export function buildIsThere() {
  if (!existsSync(stampFile) || !existsSync(join(root, packageJson.main))) return false;
  return readFileSync(stampFile, 'utf8') === inputsHash();
}

export async function buildApp() {
  // Hashed before the build, so a change during the build triggers another build at the next start.
  const hash = inputsHash();
  await withProgress('building the app', (note) =>
    runTool(nodeExecutable, [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
      cwd: root,
      // The bundles must run on the oldest Electron that we support.
      env: { ...process.env, ELECTRON_MAJOR_VER: String(pins.electron.oldestMajor) },
      note,
      stdoutToNote: true,
      code: 'setup.build',
      nextStep: 'Fix the errors above, then start again. `npm run build` repeats the build.',
    }),
  );
  writeFileSync(stampFile, hash);
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  const found = [];
  const look = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const full = join(at, entry.name);
      if (entry.isDirectory()) look(full);
      else if (bundled.test(entry.name) && !notBundled.test(full.split(sep).join('/'))) found.push(full);
    }
  };
  try {
    look(path);
  } catch (error) {
    if (error.code !== 'ENOTDIR') throw error;
    return [path];
  }
  return found;
}
