/** Runs one driver: wraps its link to observe it, and handles its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverContext } from '../driver.ts';
import type { WireLink } from '../transports/wireLink.ts';

/** The driver's link; `onBytes` is called when bytes arrive, with whether they had to wait for the driver to listen. */
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
 * Waits for a driver that was asked to stop.
 * @returns false if it did not end in time and is abandoned
 * @throws the driver's own error, unless it only says that it was asked to stop
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
