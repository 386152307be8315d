// npm without a shell, on every system: its script runs with a Node that `npm ci` does not delete while running.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onPath, root } from './locate.mjs';
import { runTool } from './progress.mjs';
import { SetupError } from './setupError.mjs';

/** Runs npm and returns its stdout. */
export function runNpm(args, { cwd = root, note, code, nextStep }) {
  const { node, script } = findNpm();
  // A nested npm must not take its parent's settings (`npm_config_*`, `npm_lifecycle_*`) for its own.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|package|command)/.test(name)),
  );
  return runTool(node, [script, ...args], { cwd, env, note, code, nextStep });
}

function findNpm() {
  const node = onPath('node') ?? process.execPath;
  const places = [
    process.env.npm_execpath,
    ...[node, realpathOf(node), process.execPath].flatMap((file) => [
      join(dirname(file), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      join(dirname(file), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
      join(dirname(file), '..', 'share', 'nodejs', 'npm', 'bin', 'npm-cli.js'),
    ]),
  ];
  const command = onPath('npm');
  if (command) places.push(realpathOf(command), join(dirname(command), 'node_modules', 'npm', 'bin', 'npm-cli.js'));
  const script = places.find((file) => file?.endsWith('npm-cli.js') && existsSync(file));
  if (script) return { node, script };
  throw new SetupError(
    'setup.no-npm',
    'npm was not found next to this Node.',
    'Install Node 20 or newer with npm from nodejs.org or your system, then start again.',
  );
}

function realpathOf(file) {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
