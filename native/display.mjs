// A virtual display for a Linux machine without one: an Xvfb that ends with the process that started it. It accepts only
// clients with its key; without a key, every user of the machine could read its windows and type into them.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const START_MS = 10_000;
/** Name of a key folder: the number is the id of the process that owns it. */
const FOLDER = /^fieldroom-display-(\d+)-/;
const PROTOCOL = 'MIT-MAGIC-COOKIE-1';
/** Any host and any display (X11/Xauth.h), because the display number is unknown before the server starts. */
const FAMILY_WILD = 0xffff;

export const isDisplayMissing = (env = process.env) =>
  process.platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY;

/** Xvfb did not start: `message` says why, `nextStep` what to do. */
export class DisplayError extends Error {
  constructor(code, message) {
    super(message);
    this.name = 'DisplayError';
    this.code = code;
    this.nextStep = 'Install Xvfb (on Debian: sudo apt-get install -y xvfb), or start Fieldroom in a desktop session.';
  }
}

/**
 * Starts an Xvfb. It ends with this process, even if this process is killed.
 * @returns the environment its clients need, `ended` (resolves when Xvfb has ended) and `stop`
 * @throws {DisplayError} `display.missing`, `display.not-started`
 */
export async function openDisplay(env = process.env) {
  const xvfb = onPath('Xvfb', env);
  if (!xvfb) throw new DisplayError('display.missing', 'There is no display, and Xvfb is not installed.');
  removeStaleKeys();
  const folder = mkdtempSync(join(tmpdir(), `fieldroom-display-${process.pid}-`));
  const key = join(folder, 'Xauthority');
  writeFileSync(key, keyEntry(randomBytes(16)), { mode: 0o600 });
  const removeKey = () => rmSync(folder, { recursive: true, force: true });
  const args = ['-displayfd', '3', '-auth', key, '-screen', '0', '1920x1080x24', '-nolisten', 'tcp', '-noreset'];
  // The kernel ends Xvfb with this process, even if this process is killed.
  const setpriv = onPath('setpriv', env);
  const [command, all] = setpriv ? [setpriv, ['--pdeathsig', 'TERM', xvfb, ...args]] : [xvfb, args];
  // A separate session, so that Ctrl-C does not end the display while windows are still closing.
  const child = spawn(command, all, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise((resolve) => child.once('close', resolve)).then(removeKey);
  const stop = () => child.kill('SIGTERM');
  try {
    const number = await displayNumber(child);
    child.unref();
    child.stderr.unref();
    child.stdio[3].destroy();
    process.once('exit', removeKey);
    return { env: { DISPLAY: `:${number}`, XAUTHORITY: key }, pid: child.pid, ended, stop };
  } catch (error) {
    stop();
    removeKey();
    throw error;
  }
}

function displayNumber(child) {
  return new Promise((resolve, reject) => {
    let said = '';
    let heard = '';
    const fail = (why) =>
      reject(new DisplayError('display.not-started', `Xvfb did not start: ${why} ${said.trim().slice(-300)}`.trim()));
    const timer = setTimeout(() => fail(`it reported no display number within ${START_MS / 1000} s.`), START_MS);
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-1000);
    });
    child.stdio[3].on('data', (chunk) => {
      heard += chunk;
      if (!heard.includes('\n')) return;
      clearTimeout(timer);
      resolve(Number(heard));
    });
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`it ended with code ${code}.`);
    });
  });
}

/** One entry of an Xauthority file: family, then address, display number, protocol and key, each preceded by its length. */
function keyEntry(secret) {
  const counted = (bytes) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const family = Buffer.alloc(2);
  family.writeUInt16BE(FAMILY_WILD);
  const nothing = Buffer.alloc(0);
  return Buffer.concat([family, ...[nothing, nothing, Buffer.from(PROTOCOL), secret].map(counted)]);
}

/** Removes keys left behind by killed processes. */
function removeStaleKeys() {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(FOLDER.exec(name)?.[1]);
    if (pid && !isThere(pid))
      try {
        rmSync(join(tmpdir(), name), { recursive: true, force: true });
      } catch {
        // It belongs to another user.
      }
  }
}

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const onPath = (name, env) =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
