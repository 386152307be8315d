// Python packages with which labs read our exports: pinned wheels in a virtual environment in the user's cache, only for tests.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { intoCache } from './electronRuntime.mjs';
import { cacheFolder, onPath, root } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const list = join(root, 'native', 'testReaders.txt');
const code = 'setup.test-readers';

/** The folder depends on the list of packages. */
function folderOf() {
  const key = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 12);
  return join(cacheFolder(), `test-readers-${key}-${process.platform}-${process.arch}`);
}

const pythonIn = (folder) =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/** The Python with all readers installed, or undefined. */
export function findTestReaders(env = process.env) {
  const named = env.FIELDROOM_TEST_PYTHON;
  if (named && existsSync(named)) return named;
  const own = pythonIn(folderOf());
  return existsSync(own) ? own : undefined;
}

export const testReadersAreThere = () => findTestReaders() !== undefined;

export async function installTestReaders() {
  const nextStep = `Install Python 3.11 or later, or set FIELDROOM_TEST_PYTHON to a Python with the packages of ${list}.`;
  const python = onPath('python3') ?? onPath('python');
  if (!python)
    throw new SetupError(code, 'The tests read exports with Python packages, so they require Python.', nextStep);
  await withProgress('programs that read exports, for the tests', (note) =>
    intoCache(folderOf(), async (folder) => {
      await runTool(python, ['-m', 'venv', folder], { code, nextStep, note });
      const pip = [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
      ];
      await runTool(pythonIn(folder), [...pip, '-r', list], { code, nextStep, note });
    }),
  );
}
