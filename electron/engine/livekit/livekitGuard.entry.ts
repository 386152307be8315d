/**
 * Runs between the engine and livekit-server so that the server never outlives the engine. However the engine dies, the
 * operating system closes the channel between them, and the guard ends the server. That needs no native code and is the
 * same on Linux, macOS and Windows. The guard only starts, reports and ends the server; it makes no decisions.
 *
 *   engine → guard   { type: 'start', serverPath, config }     once
 *                    { type: 'stop', graceMs }
 *   guard → engine   { type: 'started', pid } | { type: 'error', code } | { type: 'exit', code, signal }
 *
 * The configuration with its secret comes through the channel and goes to the server in its environment, which only the
 * same user (and root) can read. The server's output goes straight into the engine's pipes.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { GuardOrder, GuardReport } from './livekitProcess.ts';

/** Time the server has to shut down after the engine is gone. */
const orphanGraceMs = 1000;
/**
 * A server that has just begun to listen ignores a first signal; the second one also ends its wait for participants.
 */
const secondSignalMs = 250;

let server: ChildProcess | undefined;

function report(message: GuardReport, then: () => void = () => {}): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => then());
  else then();
}

function start(serverPath: string, config: string): void {
  server = spawn(serverPath, [], {
    env: { ...process.env, LIVEKIT_CONFIG: config },
    stdio: ['ignore', 'inherit', 'inherit'],
    windowsHide: true,
  });
  server.once('spawn', () => report({ type: 'started', pid: server?.pid ?? 0 }));
  server.once('error', (error: NodeJS.ErrnoException) =>
    report({ type: 'error', code: error.code ?? 'UNKNOWN' }, () => process.exit(0)),
  );
  server.once('exit', (code, signal) => report({ type: 'exit', code, signal }, () => process.exit(0)));
}

function stop(graceMs: number): void {
  if (server === undefined) process.exit(0);
  server.kill('SIGTERM');
  setTimeout(() => server?.kill('SIGTERM'), secondSignalMs);
  setTimeout(() => server?.kill('SIGKILL'), graceMs);
}

process.on('message', (order: GuardOrder) => {
  if (order.type === 'start') start(order.serverPath, order.config);
  else stop(order.graceMs);
});
process.on('disconnect', () => stop(orphanGraceMs));
// Ctrl-C in a terminal is for the engine, which shuts the server down cleanly.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
