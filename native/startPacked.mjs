// Starts the unpacked app of this system in dist/ without windows, waits until it is ready, and ends it. A quick check
// for systems without a test of the packed app; prints how long it took.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './locate.mjs';

const READY_WITHIN_MS = 60_000;
const dist = join(root, 'dist');
const folders = readdirSync(dist).map((name) => join(dist, name));
const executable = folders
  .flatMap((folder) => [
    join(folder, 'Fieldroom.app', 'Contents', 'MacOS', 'Fieldroom'),
    join(folder, 'Fieldroom.exe'),
    join(folder, 'fieldroom'),
  ])
  .find((file) => existsSync(file));
if (!executable) throw new Error(`No unpacked app in ${dist}. Run: npm run package`);
const data = mkdtempSync(join(tmpdir(), 'fieldroom-start-'));
const startMs = performance.now();
// Chromium's sandbox refuses to run as root.
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox', '--disable-gpu'] : [];
const child = spawn(executable, [...asRoot, '--hidden', '--data', data], {
  stdio: ['ignore', 'pipe', 'inherit'],
  env: { ...process.env, FIELDROOM_HANDSHAKE: 'stdout' },
});
const timer = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
let said = '';
child.stdout.setEncoding('utf8').on('data', (text) => {
  said += text;
  const line = said.split('\n').find((one) => one.includes('"type"'));
  if (!line?.endsWith('}')) return;
  const { type, error } = JSON.parse(line);
  process.stdout.write(`${type} after ${Math.round(performance.now() - startMs)} ms ${error?.message ?? ''}\n`);
  process.exitCode = type === 'ready' ? 0 : 1;
  child.kill('SIGTERM');
});
child.once('close', () => {
  clearTimeout(timer);
  if (!said.includes('"ready"')) process.exitCode = 1;
  rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
});
