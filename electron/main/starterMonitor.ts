/** A hidden app belongs to the program that started it: when that one dies without a word, the app does not stay behind. */
import { isThere } from './applianceMonitor.ts';

const EVERY_MS = 500;

/**
 * Looks whether the process of `FIELDROOM_STARTER` is there. It was killed when it goes without having ended the app.
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
