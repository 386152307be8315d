/** A hidden app belongs to the program that started it, and quits when that program dies. */
import { isThere } from './applianceMonitor.ts';

const EVERY_MS = 500;

/**
 * Checks whether the process `FIELDROOM_STARTER` exists. If it is gone without having ended the app, it was killed.
 * @param onGone called once
 */
export function watchStarter(env: Readonly<Record<string, string | undefined>>, onGone: () => void): void {
  const pid = Number(env.FIELDROOM_STARTER);
  if (!Number.isInteger(pid) || pid <= 0) return;
  const timer = setInterval(() => {
    if (isThere(pid)) return;
    clearInterval(timer);
    onGone();
  }, EVERY_MS);
}
