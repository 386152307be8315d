/** Main's log: one JSON line per event, in `main.log` of the log folder; the previous file is kept as `main.1.log`. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** `error`: someone must act. `warn`: recovered or retrying. `info`: once per start, stop or other lifecycle change. */
export type LogLevel = 'info' | 'warn' | 'error';
export type Log = (level: LogLevel, message: string, facts?: Record<string, unknown>) => void;

const KEPT_BYTES = 2_000_000;

/** Never throws: a full disk must not end the app that reports it. */
export function openLog(folder: string): Log {
  const file = join(folder, 'main.log');
  attempt(() => mkdirSync(folder, { recursive: true }));
  attempt(() => {
    if (statSync(file).size > KEPT_BYTES) renameSync(file, join(folder, 'main.1.log'));
  });
  return (level, message, facts = {}) =>
    attempt(() =>
      appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), level, message, ...facts })}\n`),
    );
}

function attempt(run: () => void): void {
  try {
    run();
  } catch {
    // Ignored: a failed log write cannot be logged.
  }
}
