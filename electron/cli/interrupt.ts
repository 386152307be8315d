import process from 'node:process';

/**
 * Aborted by the first Ctrl-C, SIGTERM or closed terminal (SIGHUP), so that a recording is stopped cleanly and kept. A second
 * Ctrl-C exits at once. The other two often arrive twice (from the system and from a parent process), so repeats are ignored.
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
