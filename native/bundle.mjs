// One file with everything set-up would download, for a machine without a network:
//   npm run setup -- --bundle FILE     here, with a network
//   npm run setup -- --from FILE       on the other machine, in a clone of the same commit
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { runTool } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const NOTE = 'fieldroom-bundle.json';
/** Top-level names in a bundle; anything else is refused. */
const PLACES = ['cache', 'clone'];
const tool = {
  code: 'setup.bundle',
  nextStep: 'Check that the disk has 2 GB free and that the program tar is installed.',
};

const lockHash = (clone) =>
  createHash('sha256')
    .update(readFileSync(join(clone, 'package-lock.json')))
    .digest('hex');

/**
 * Writes the bundle.
 * @param {{clone: string, target: string, parts: string[]}} from the clone, this system, and folders of the cache
 */
export async function makeBundle(file, { clone, target, parts }, note = () => {}) {
  const work = await mkdtemp(join(tmpdir(), 'fieldroom-bundle-'));
  try {
    const about = { format: 1, target, lock: lockHash(clone), parts: parts.map((part) => basename(part)) };
    await writeFile(join(work, NOTE), JSON.stringify(about));
    note('compressing');
    const out = resolve(file);
    await mkdir(dirname(out), { recursive: true });
    const from = parts.flatMap((part) => ['-C', dirname(part), basename(part)]);
    // Two archives in one, because separate names tell the two targets apart with both GNU and BSD tar.
    await runTool('tar', ['-czf', join(work, 'cache'), ...from], tool);
    await runTool('tar', ['-czf', join(work, 'clone'), '-C', clone, 'node_modules'], tool);
    await runTool('tar', ['-cf', `${out}.new`, '-C', work, NOTE, ...PLACES], tool);
    await rename(`${out}.new`, out);
    return out;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Unpacks a bundle into the cache and the clone.
 * @throws {SetupError} `setup.bundle-other` for another system or other packages, `setup.bundle` for anything else
 */
export async function useBundle(file, { clone, target, cache }, note = () => {}) {
  const work = await mkdtemp(join(tmpdir(), 'fieldroom-bundle-'));
  try {
    note('unpacking');
    await runTool('tar', ['-xf', resolve(file), '-C', work, NOTE, ...PLACES], tool);
    const about = JSON.parse(readFileSync(join(work, NOTE), 'utf8'));
    const other =
      about.target !== target
        ? `It is for ${about.target}, and this is ${target}.`
        : about.lock !== lockHash(clone)
          ? 'Its packages are for a different version than this clone.'
          : undefined;
    if (other)
      throw new SetupError(
        'setup.bundle-other',
        `${file} cannot be used here. ${other}`,
        'Create it again on the same kind of machine, in a clone of the same commit: npm run setup -- --bundle FILE.',
      );
    await mkdir(cache, { recursive: true });
    await unpack(join(work, 'cache'), cache, about.parts);
    await rm(join(clone, 'node_modules'), { recursive: true, force: true });
    await unpack(join(work, 'clone'), clone, ['node_modules']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The file may come from an untrusted USB stick, so no name in it may lead outside the target folder. */
async function unpack(archive, folder, tops) {
  const names = (await runTool('tar', ['-tzf', archive], tool)).split('\n').filter(Boolean);
  const wrong = names.find((name) => {
    const parts = name.split('/');
    return !tops.includes(parts[0]) || parts.includes('..');
  });
  if (wrong !== undefined)
    throw new SetupError('setup.bundle', `The bundle contains an unexpected name: ${wrong}.`, 'Do not use this file.');
  for (const top of tops)
    if (existsSync(join(folder, top))) await rm(join(folder, top), { recursive: true, force: true });
  await runTool('tar', ['-xzf', archive, '-C', folder], tool);
}
