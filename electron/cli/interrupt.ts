import process from 'node:process';

/** Aborted by the first Ctrl-C or SIGTERM: what records is stopped in order and kept. A second one ends at once. */
export function interruptSignal(onFirst: () => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
      process.exitCode = 130;
      onFirst();
    });
  }
  return controller.signal;
}
