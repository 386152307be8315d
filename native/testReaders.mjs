// Python programs that labs read our exports with: pinned wheels in a virtual environment of the user's cache, for tests alone.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { intoCache } from './electronRuntime.mjs';
import { cacheFolder, onPath, root } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const list = join(root, 'native', 'testReaders.txt');
const code = 'setup.test-readers';

/** Another list is another folder. */
function folderOf() {
  const key = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 12);
  return join(cacheFolder(), `test-readers-${key}-${process.platform}-${process.arch}`);
}

const pythonIn = (folder) =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/** The Python that has all readers, or undefined. */
export function findTestReaders(env = process.env) {
  const named = env.FIELDROOM_TEST_PYTHON;
  if (named && existsSync(named)) return named;
  const own = pythonIn(folderOf());
  return existsSync(own) ? own : undefined;
}

export const testReadersAreThere = () => findTestReaders() !== undefined;

export async function installTestReaders() {
  const nextStep = `Install Python 3.11 or later, or name a Python with the packages of ${list} in FIELDROOM_TEST_PYTHON.`;
  const python = onPath('python3') ?? onPath('python');
  if (!python) throw new SetupError(code, 'The programs that read exports in the tests need Python.', nextStep);
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
