// `npm run dev`: the app with live reload. Debuggers attach to Electron's main on port 9229 and to its pages on 9222.
// Runs with the pinned Node and the Electron that run.mjs found.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './locate.mjs';

const args = ['dev', '--watch', '--sourcemap', '--inspect', '9229', '--remoteDebuggingPort', '9222'];
// Chromium's sandbox refuses to run as root.
if (process.getuid?.() === 0) args.push('--noSandbox');
const cli = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
// electron-vite ignores a signal while its Electron runs, so both run in their own process group and both receive it.
const group = process.platform !== 'win32';
const stdio = ['ignore', 'inherit', 'inherit'];
const child = spawn(process.execPath, [cli, ...args, ...process.argv.slice(2)], { cwd: root, stdio, detached: group });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (group) process.kill(-child.pid, signal);
    else child.kill(signal);
  });
}
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)));
