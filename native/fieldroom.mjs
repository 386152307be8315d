#!/usr/bin/env node
// The command `fieldroom`: sets up what the subcommand needs, then runs it with the pinned Node.
import { doctor } from './doctor.mjs';
import { runFile } from './run.mjs';
import { tellError } from './setupError.mjs';

const withWindows = ['packages', 'electron', 'livekit', 'system', 'own-display', 'build'];
const needsOf = {
  serve: ['packages', 'livekit'],
  record: withWindows,
  demo: withWindows,
  app: withWindows,
};

// Same as the app's uploader; `uploaderSupervisor.ts` gives the reason.
const moving = ['--max-semi-space-size=1'];
// A table of an export lives for only one row group. Without a limit the young generation grew until an export
// used 530 MB; 222 MB was seen with a semi-space of 1 MB, 279 MB with 8.
const tables = ['--max-semi-space-size=4'];
const flagsOf = { upload: moving, fetch: moving, verify: moving, export: tables, dataset: tables };

// A reader that closes the pipe early (`fieldroom doctor | head`) is not an error.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error;
});

const [command, ...rest] = process.argv.slice(2);
try {
  if (command === 'doctor') process.exitCode = await doctor(rest);
  else {
    const needs = needsOf[command] ?? ['packages'];
    await runFile(needs, 'electron/cli/cli.entry.ts', process.argv.slice(2), flagsOf[command]);
  }
} catch (error) {
  process.exitCode = tellError(error);
}
