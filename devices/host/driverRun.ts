/** What stands around a driver while it runs: its link with an eye on it, and its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverContext } from '../driver.ts';
import type { WireLink } from '../transports/wireLink.ts';

/** The driver's link; `onBytes` hears when something came over it, and whether it waited for the driver to listen. */
export function watched(
  link: WireLink,
  onBytes: (arrivedNs: number, kept: boolean) => void,
): DriverContext<unknown>['link'] {
  let kept = false;
  return {
    path: link.path,
    closed: link.closed,
    write: (bytes) => link.write(bytes),
    close: () => link.close(),
    get onData() {
      return link.onData;
    },
    set onData(listener) {
      kept = true;
      link.onData = listener
        ? (bytes, arrivedNs, topic) => {
            onBytes(arrivedNs, kept);
            listener(bytes, arrivedNs, topic);
          }
        : null;
      kept = false;
    },
  };
}

/**
 * Waits for a driver that was told to stop.
 * @returns false when it did not end in time and is left behind
 * @throws the driver's own error, unless all it says is that it was told to stop
 */
export async function endOf(run: Promise<void>, withinMs: number): Promise<boolean> {
  const waiting = new AbortController();
  const late = sleep(withinMs, false, { signal: waiting.signal }).catch(() => false);
  try {
    return await Promise.race([run.then(() => true), late]);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return true;
    throw error;
  } finally {
    waiting.abort();
  }
}
