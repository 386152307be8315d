/** Health of one LiveKit server process: when it becomes ready, and when it stops responding. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { LivekitProcess } from './livekitProcess.ts';

/** Time a start may take on a slow, busy laptop. */
const readyTimeoutMs = 15_000;
const readyPollMs = 50;
/** How often a running server is checked, and how many missing answers in a row mean that it hangs. */
const healthPeriodMs = 1000;
const healthMisses = 3;

/**
 * Resolves when `isReady` says so; ends a server that does not become ready.
 * @throws FieldroomError `livekit.not-ready`, or why it ended
 */
export async function untilReady(life: LivekitProcess, isReady: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + readyTimeoutMs;
  while (!life.over.aborted && performance.now() < deadlineMs) {
    if (await isReady()) return;
    await pause(readyPollMs, life.over);
  }
  if (life.over.aborted) throw await life.ended;
  life.kill();
  await life.ended;
  throw fieldroomError('livekit.not-ready', { detail: readyTimeoutMs / 1000 });
}

/** Resolves with the reason when the server has ended; one that hangs is ended first. */
export async function untilTrouble(
  life: LivekitProcess,
  health: () => Promise<LivekitHealth>,
): Promise<FieldroomError> {
  for (let misses = 0; !life.over.aborted; ) {
    await pause(healthPeriodMs, life.over);
    if (life.over.aborted) break;
    misses = (await health()) === 'silent' ? misses + 1 : 0;
    if (misses < healthMisses || life.over.aborted) continue;
    life.kill();
    await life.ended;
    return fieldroomError('livekit.hung');
  }
  return life.ended;
}

export type LivekitHealth = 'ready' | 'busy' | 'silent';

/** Timeout of one health check. */
const answerTimeoutMs = 2000;

/**
 * Checks the server at `url` (`ws://...`). `busy`: it answered, but not with OK: for a moment after sleep or a step of
 * the clock, when the server finds its own statistics too old.
 */
export async function livekitHealth(url: string): Promise<LivekitHealth> {
  try {
    const answer = await fetch(url.replace(/^ws/, 'http'), {
      signal: AbortSignal.timeout(answerTimeoutMs),
      headers: { connection: 'close' },
    });
    return answer.ok && (await answer.text()) === 'OK' ? 'ready' : 'busy';
  } catch {
    return 'silent';
  }
}

/** Waits `ms`, or until `signal`; unlike a race with a promise it leaves no listener on the signal. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}
