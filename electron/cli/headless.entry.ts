/**
 * Runs a program (the app) on its own virtual display: `node headless.entry.ts PROGRAM ARGS…`
 *
 *   command line ─▶ this process ─▶ Xvfb
 *                        └────────▶ app ─▶ engine
 *
 * The display belongs to the appliance, not to the terminal. If the app, the display or this process dies during a
 * recording, the engine restarts this process with a new display (`engineHello` in electron/main).
 */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { DisplayError, openDisplay, type VirtualDisplay } from '../../native/display.mjs';
import { FieldroomError, reportOf } from '../common/errors.ts';

/** A program that has lost its display is killed after this time. */
const LAST_WORDS_MS = 2000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const [program, ...args] = process.argv.slice(2);
if (program === undefined) {
  process.stderr.write('Usage: node headless.entry.ts PROGRAM ARGS…\n');
  process.exit(2);
}
// Writing to a closed terminal fails; ignore it.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
try {
  run(program, await openDisplay());
} catch (error) {
  giveUp(error);
}

function run(command: string, display: VirtualDisplay): void {
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, ...display.env, FIELDROOM_VIRTUAL_DISPLAY: '1' },
  });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  void display.ended.then(() => setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS));
  child.once('error', giveUp);
  child.once('exit', (code, signal) => {
    display.stop();
    process.exit(signal === null ? (code ?? 1) : 1);
  });
}

/** Reports an error in the same text and handshake line as the app (electron/main/handshake.ts). */
function giveUp(error: unknown): void {
  const report = reportOf(
    error instanceof DisplayError ? new FieldroomError(error.code, error.message, { nextStep: error.nextStep }) : error,
  );
  process.stderr.write(`${report.message}${report.nextStep === undefined ? '' : ` ${report.nextStep}`}\n`);
  if (process.env.FIELDROOM_HANDSHAKE === 'stdout')
    process.stdout.write(`${JSON.stringify({ type: 'failed', error: report })}\n`);
  process.exit(1);
}
