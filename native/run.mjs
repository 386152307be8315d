// Runs a file with the pinned Node after installing what it needs:
//   node native/run.mjs --needs packages,node,livekit -- FILE ARGS...
// FILE is relative to the clone; the working folder is the caller's.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDisplayMissing, openDisplay } from './display.mjs';
import { partsEnvironment, root } from './locate.mjs';
import { ensure } from './setup.mjs';
import { SetupError, tellError } from './setupError.mjs';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Installs the needs, runs the file and exits with its exit code or signal. `flags` are for Node. */
export async function runFile(needs, file, args, flags = []) {
  const parts = await ensure(['node', ...needs]);
  const display = needs.includes('display') && isDisplayMissing() ? await openDisplay() : undefined;
  const env = { ...process.env, ...partsEnvironment(parts), ...display?.env };
  const child = spawn(parts.node, [...flags, resolve(root, file), ...args], { stdio: 'inherit', env });
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the child too; forwarding it would deliver it twice.
    if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  // npm dies from a signal without forwarding it; its script must not keep running unnoticed.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent) {
      clearInterval(watch);
      child.kill('SIGTERM');
    }
  }, 1000);
  const { code, by } = await new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (exitCode, signal) => done({ code: exitCode, by: signal }));
  });
  clearInterval(watch);
  display?.stop();
  for (const signal of forwarded) process.off(signal, forward);
  if (by) process.kill(process.pid, by);
  else process.exitCode = code;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const args = process.argv.slice(2);
    const split = args.indexOf('--');
    if (args[0] !== '--needs' || split !== 2 || args.length < 4) {
      throw new SetupError(
        'setup.usage',
        'run.mjs was called with invalid arguments.',
        'Usage: node native/run.mjs --needs a,b -- FILE ARGS...',
      );
    }
    await runFile(args[1].split(','), args[3], args.slice(4));
  } catch (error) {
    process.exitCode = tellError(error);
  }
}
