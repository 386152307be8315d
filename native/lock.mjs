// When two starts overlap, the first does the work; the second waits and names the process it waits for.
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const retryMs = 200;
// A lock folder without an owner file is being created, or its creator died before writing the file.
const namelessMs = 5_000;

/**
 * Holds the lock `name` in `folder` while `work` runs. A lock whose process is gone is taken over.
 * @param {{out?: NodeJS.WritableStream, purpose?: string}} options where to print the waiting line, and a name for the work
 */
export async function withLock(folder, name, work, { out = process.stderr, purpose = name } = {}) {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.lock`);
  const owner = { pid: process.pid, startedMs: Math.round(performance.timeOrigin), purpose };
  let told = false;
  while (!(await tryMake(path, owner))) {
    const other = await readOwner(path);
    if (other === 'gone') continue;
    if (other.stale) {
      await takeAway(path, other.text);
      continue;
    }
    // The other process may not have written its id yet; then this prints at a later attempt.
    if (!told && other.pid !== undefined) {
      out.write(
        `fieldroom: waiting for process ${other.pid}, which is already doing this: ${other.purpose ?? purpose}\n`,
      );
      told = true;
    }
    await sleep(retryMs);
  }
  try {
    return await work();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function tryMake(path, owner) {
  try {
    await mkdir(path);
  } catch (error) {
    // Windows answers EPERM while another process is removing the folder.
    if (error.code === 'EEXIST' || (error.code === 'EPERM' && process.platform === 'win32')) return false;
    throw error;
  }
  await writeFile(join(path, 'owner.json'), JSON.stringify(owner));
  return true;
}

async function readOwner(path) {
  try {
    const text = await readFile(join(path, 'owner.json'), 'utf8').catch(() => '');
    if (text) {
      const { pid, purpose } = JSON.parse(text);
      return { pid, purpose, text, stale: !isAlive(pid) };
    }
    const { mtimeMs } = await stat(path);
    return { text, stale: Date.now() - mtimeMs > namelessMs };
  } catch (error) {
    if (error.code === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError) return { text: '', stale: false };
    throw error;
  }
}

/** Moves a stale lock aside before removing it, so that only one of two waiting processes removes it. */
async function takeAway(path, seen) {
  const aside = `${path}.stale-${process.pid}-${Date.now()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'EPERM' || error.code === 'EACCES') return;
    throw error;
  }
  const now = await readFile(join(aside, 'owner.json'), 'utf8').catch(() => '');
  if (now !== seen) {
    // Another process made a new lock between our check and our move: put it back.
    await rename(aside, path).catch(() => {});
    return;
  }
  await rm(aside, { recursive: true, force: true });
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
