// `fieldroom doctor`: prints what is installed and what is missing, and how to fix it. It installs nothing and needs no packages.
import { existsSync, readFileSync } from 'node:fs';
import { buildIsThere } from './appBuild.mjs';
import { findBridge, howToGetBridge } from './bridge.mjs';
import { isDisplayMissing } from './display.mjs';
import { findLivekit, howToGetLivekit } from './livekitServer.mjs';
import {
  cacheFolder,
  electronVersion,
  findElectron,
  nodeExecutable,
  nodeVersion,
  onPath,
  packageJson,
  root,
} from './locate.mjs';
import { nodeIsThere, packagesAreThere } from './packages.mjs';
import { installCommand, isDebian, missingSystemPackages } from './systemPackages.mjs';

const oldestNode = 20;
const atFirstStart = 'installed automatically at the first start; to install it now: node native/setup.mjs';

/** Prints the table (or one JSON object with --json) and returns the exit code: 0 when everything needed to record is installed. */
export async function doctor(args, out = process.stdout) {
  const parts = [
    thisNode(),
    packages(),
    pinnedNode(),
    electron(),
    livekit(),
    bridge(),
    libraries(),
    display(),
    app(),
    sandbox(),
  ].filter(Boolean);
  const ok = parts.every((part) => part.state !== 'missing');
  if (args.includes('--json')) {
    out.write(`${JSON.stringify({ ok, version: packageJson.version, clone: root, cache: cacheFolder(), parts })}\n`);
  } else {
    out.write(`Fieldroom ${packageJson.version} in ${root}, cache ${cacheFolder()}\n\n${table(parts)}\n`);
    out.write(
      ok ? '\nEverything needed to record is installed.\n' : '\nSomething needed to record is missing: see "fix".\n',
    );
  }
  return ok ? 0 : 1;
}

const there = (name, version, from) => ({ name, state: 'there', ...(version && { version }), ...(from && { from }) });
const missing = (name, todo, version) => ({ name, state: 'missing', ...(version && { version }), do: todo });
const warning = (name, todo, version) => ({ name, state: 'look', ...(version && { version }), do: todo });

function thisNode() {
  const name = "this machine's Node";
  if (Number.parseInt(process.versions.node, 10) >= oldestNode)
    return there(name, process.versions.node, process.execPath);
  return missing(name, `install Node ${oldestNode} or newer from nodejs.org`, process.versions.node);
}

function packages() {
  return packagesAreThere()
    ? there('npm packages', undefined, 'package-lock.json')
    : missing('npm packages', atFirstStart);
}

function pinnedNode() {
  return nodeIsThere()
    ? there('Node for the engine', nodeVersion, nodeExecutable)
    : missing('Node for the engine', atFirstStart, nodeVersion);
}

function electron() {
  const found = findElectron();
  if (!found) return missing('Electron', atFirstStart, electronVersion);
  if (found.from === 'electron package' || found.version === electronVersion)
    return there('Electron', found.version, found.executable);
  const todo = `older than the official ${electronVersion}; to install that: node native/setup.mjs electron-official`;
  return { ...warning('Electron', todo, found.version), from: found.executable };
}

function livekit() {
  const found = findLivekit();
  if (found) return there('livekit-server', found.version, found.executable);
  if (onPath('go')) return missing('livekit-server', atFirstStart);
  if (onPath('livekit-server')) return missing('livekit-server', 'found on PATH; the first start checks its version');
  return missing('livekit-server', howToGetLivekit());
}

function bridge() {
  const found = findBridge();
  if (found) return there('bridge to the live room', undefined, found.executable);
  return missing('bridge to the live room', onPath('go') ? atFirstStart : howToGetBridge());
}

function libraries() {
  if (process.platform !== 'linux') return undefined;
  if (!isDebian())
    return warning(
      'system libraries',
      'cannot be checked on this system; Electron needs GTK 3, NSS, ALSA, GBM, libXss, libXtst, ATK bridge, libdrm',
    );
  const lacking = missingSystemPackages(['system']);
  return lacking.length === 0
    ? there('system libraries', undefined, 'Debian packages')
    : missing('system libraries', installCommand(lacking));
}

function display() {
  if (process.platform !== 'linux') return undefined;
  if (!isDisplayMissing()) return there('display', undefined, process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  const xvfb = onPath('Xvfb');
  return xvfb
    ? there('display', 'virtual', xvfb)
    : missing('display', isDebian() ? installCommand(['xvfb']) : 'install Xvfb');
}

function app() {
  return buildIsThere() ? there("the app's pages", undefined, 'out/') : missing("the app's pages", atFirstStart);
}

/** Chromium's sandbox needs user namespaces, which some distributions deny to unknown programs. */
function sandbox() {
  if (process.platform !== 'linux') return undefined;
  const settings = [
    [
      '/proc/sys/kernel/apparmor_restrict_unprivileged_userns',
      '1',
      'sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0',
    ],
    ['/proc/sys/kernel/unprivileged_userns_clone', '0', 'sudo sysctl kernel.unprivileged_userns_clone=1'],
  ];
  if (process.getuid?.() === 0)
    return warning(
      'Chromium sandbox',
      'use another account for real recordings, because Electron runs without the sandbox as root',
    );
  for (const [file, bad, todo] of settings) {
    if (existsSync(file) && readFileSync(file, 'utf8').trim() === bad) return missing('Chromium sandbox', todo);
  }
  return there('Chromium sandbox', undefined, 'user namespaces');
}

/** States as the table shows them; `--json` prints the codes. */
const stateWords = { there: 'ok', look: 'warning' };

function table(parts) {
  const width = Math.max(...parts.map((part) => part.name.length));
  return parts
    .map((part) => {
      const where = [part.version, part.from].filter(Boolean).join('  ');
      const todo = part.do ? `${where ? '\n'.padEnd(width + 13) : ''}fix: ${part.do}` : '';
      return `  ${part.name.padEnd(width)}  ${(stateWords[part.state] ?? part.state).padEnd(8)}  ${where}${todo}`;
    })
    .join('\n');
}
