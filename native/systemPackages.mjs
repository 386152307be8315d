// System packages on Debian and its derivatives: Electron's libraries, Xvfb, and test tools.
import { existsSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { pins } from './locate.mjs';
import { runTool, withProgress } from './progress.mjs';
import { SetupError } from './setupError.mjs';

const statusFile = '/var/lib/dpkg/status';

export const isDebian = () => process.platform === 'linux' && existsSync(statusFile);

/** The packages of these groups that are not installed; each with its names in different releases, `a|b`. */
export function missingSystemPackages(groups) {
  if (!isDebian()) return [];
  const wanted = groups.flatMap((group) => pins.debian[group]);
  if (wanted.length === 0) return [];
  const there = installedNames(readFileSync(statusFile, 'utf8'));
  return wanted.filter((names) => !names.split('|').some((name) => there.has(name)));
}

/** Names of the packages that dpkg has installed, including the names they provide. */
export function installedNames(status) {
  const names = new Set();
  for (const paragraph of status.split('\n\n')) {
    if (!/^Status: .* installed$/m.test(paragraph)) continue;
    const name = paragraph.match(/^Package: (.+)$/m)?.[1];
    if (name) names.add(name);
    for (const provided of paragraph.match(/^Provides: (.+)$/m)?.[1].split(',') ?? [])
      names.add(provided.trim().split(/[ :]/)[0]);
  }
  return names;
}

/** The command that installs them by hand. */
export const installCommand = (packages) =>
  `sudo apt-get update && sudo apt-get install -y ${packages.map((names) => names.split('|')[0]).join(' ')}`;

/** Installs them when run as root; otherwise throws an error with the exact command. */
export async function installSystemPackages(packages) {
  const nextStep = `Run: ${installCommand(packages)}`;
  if (process.getuid?.() !== 0) {
    const list = packages.map((names) => names.split('|')[0]).join(', ');
    throw new SetupError('setup.system-packages', `These system packages are missing: ${list}.`, nextStep);
  }
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    code: 'setup.system-packages',
    nextStep,
    stdoutToNote: true,
  };
  await withProgress(`system packages (${packages.length})`, async (note) => {
    await runTool('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'update'], { ...options, note });
    const names = [];
    for (const choices of packages) names.push(await nameHere(choices.split('|')));
    const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends', ...names];
    await runTool('apt-get', install, { ...options, note });
  });
}

/** The first of the names that is a real package in this release. */
async function nameHere(choices) {
  for (const name of choices) {
    const said = await runTool('apt-cache', ['show', '--no-all-versions', name], {
      code: 'setup.apt-cache',
      nextStep: '',
    }).catch(() => '');
    if (said.includes(`Package: ${name}\n`)) return name;
  }
  return choices[0];
}

// `node native/systemPackages.mjs system display`: prints the missing packages, for apt-get.
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = [];
  for (const choices of missingSystemPackages(process.argv.slice(2))) names.push(await nameHere(choices.split('|')));
  process.stdout.write(`${names.join(' ')}\n`);
}
