// Small Debian systems in folders, for tests: created once with debootstrap and kept in the cache.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { intoCache } from './electronRuntime.mjs';
import { cacheFolder, pins } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';

export const nextStep = 'Check that this machine can reach its Debian mirror and the npm registry, then start again.';

/** The system that the .deb is installed in. */
export const freshRoot = () => join(cacheFolder(), `debian-${pins.fresh.release}-r${pins.fresh.recipe}`);
export const freshRootIsThere = () => existsSync(freshRoot());

export const makeFreshRoot = () =>
  withProgress(`a small Debian ${pins.fresh.release} (half a minute, once)`, (note) =>
    makeRoot(freshRoot(), pins.fresh, note, async (inside) => {
      await inside('useradd', '--create-home', '--shell', '/bin/sh', 'pupil');
    }),
  );

/**
 * Creates a root folder with packages in it.
 * @param finish receives a function that runs a command in it
 */
export async function makeRoot(folder, { release, packages }, note, finish, env = {}) {
  const options = { note, stdoutToNote: true, code: 'setup.debian-root', nextStep };
  await intoCache(folder, async (temporary) => {
    await runTool('debootstrap', ['--variant=minbase', release, temporary], options);
    const flags = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', ENTER, 'sh', temporary];
    // Separate mount and process namespaces, so that nothing stays mounted or keeps running whatever happens.
    const inside = (...command) =>
      runTool('unshare', [...flags, ...command], {
        ...options,
        env: { PATH: process.env.PATH, HOME: '/root', DEBIAN_FRONTEND: 'noninteractive', ...env },
      });
    if (packages.length > 0) await inside('apt-get', 'install', '-y', '--no-install-recommends', ...packages);
    await inside('apt-get', 'clean');
    await finish(inside);
  });
}

const ENTER = 'mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; folder=$1; shift; exec chroot "$folder" "$@"';
