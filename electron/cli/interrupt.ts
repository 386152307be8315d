import process from 'node:process';

/**
 * Aborted by the first Ctrl-C, SIGTERM or closed terminal (SIGHUP): what records is stopped in order and kept. A second
 * Ctrl-C ends at once. The other two often come twice, from the system and from the program between; once is enough.
 */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        if (name === 'SIGINT') process.exit(130);
        return;
      }
      controller.abort();
      process.exitCode = 130;
      onFirst();
    });
  }
  return controller.signal;
}
