/** Detects that this computer's addresses changed or that it slept: unreachable destinations may be reachable again. */
import { networkInterfaces } from 'node:os';

const LOOK_MS = 3000;
/** A check this late was delayed by sleep. */
const SLEPT_MS = 15_000;

/** @returns a function that stops monitoring */
export function watchNetwork(onChange: (why: 'addresses' | 'sleep') => void): () => void {
  let known = addresses();
  let lookedMs = Date.now();
  const timer = setInterval(() => {
    const now = addresses();
    const nowMs = Date.now();
    const slept = nowMs - lookedMs > LOOK_MS + SLEPT_MS;
    const moved = now !== known;
    known = now;
    lookedMs = nowMs;
    if (slept || moved) onChange(slept ? 'sleep' : 'addresses');
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const addresses = (): string =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort()
    .join(' ');
