/**
 * Freezes a process of a live recording for some seconds: how long until people can see it, and until everything works
 * again.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplianceState, SessionState } from '../../../electron/common/applianceState.ts';
import { waitFor } from '../../fixtures/wait.ts';
import type { Classroom, Target } from '../kill/classroom.ts';
import type { Kill } from '../kill/kill.ts';

export interface Freeze extends Kill {
  /** How long it was frozen. */
  stillMs: number;
  /** The first message about it that people could read. */
  told: string;
}

const ANSWER_WITHIN_MS = 500;
/** The window's alarm names a camera or a microphone from this age on (renderer/operator/alarms.ts). */
const LATE_MS = 3000;
const BACK_WITHIN_MS = 60_000;

export async function freezeOnce(
  room: Classroom,
  session: SessionState,
  target: Target,
  stillMs: number,
): Promise<Freeze> {
  const before = wordsOf(await room.door.call('state.get', {}));
  const pids = room.processes(target).map(({ pid }) => pid);
  if (pids.length === 0) throw new Error(`no ${target} process to freeze`);
  const sent = room.sent;
  const atNs = process.hrtime.bigint();
  const startMs = performance.now();
  const since = (): number => performance.now() - startMs;
  let toldMs: number | null = null;
  let told = '';
  signal(pids, 'SIGSTOP');
  try {
    while (since() < stillMs) {
      const fresh = wordsOf(await answer(room)).find((words) => !before.includes(words));
      if (toldMs === null && fresh) [toldMs, told] = [since(), fresh];
      await sleep(50);
    }
  } finally {
    signal(pids, 'SIGCONT');
  }
  const wentOnMs = performance.now();
  await waitFor(
    `all is there after ${target} stood still`,
    async () => {
      const state = await answer(room);
      return state?.session?.id === session.id && isWhole(state);
    },
    BACK_WITHIN_MS,
  );
  const backMs = performance.now() - wentOnMs;
  return { target, session: session.id, atNs, sent, toldMs, backMs, findings: [], stillMs, told };
}

function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // The process was replaced in the meantime.
    }
  }
}

/** Null: the recorder does not answer. */
const answer = (room: Classroom): Promise<ApplianceState | null> =>
  Promise.race([room.door.call('state.get', {}).catch(() => null), sleep(ANSWER_WITHIN_MS, null)]);

/**
 * All messages that the window derives from a state. The window's own message about a silent recorder is not covered
 * here.
 */
function wordsOf(state: ApplianceState | null): string[] {
  if (!state) return [];
  const isLate = ({ streams }: ApplianceState['sources'][number]): boolean =>
    streams.some(({ kind, ageMs }) => kind !== 'samples' && (ageMs ?? 0) > LATE_MS);
  return [
    ...state.notices.map(({ message }) => message),
    ...state.sources
      .filter(({ state: { state: word } }) => word !== 'streaming')
      .map(({ id, state: word }) => `${id}: ${word.message}`),
    ...state.sources.filter(isLate).map(({ id }) => `${id}: nothing for three seconds`),
    ...(state.live.state === 'running' ? [] : [`Live view: ${state.live.state}`]),
  ];
}

const isWhole = (state: ApplianceState): boolean =>
  state.publishers.every(({ connected }) => connected) &&
  state.live.state === 'running' &&
  state.sources.every(
    ({ state: { state: word }, streams }) =>
      word === 'streaming' && streams.length > 0 && streams.every(({ ageMs }) => ageMs !== null && ageMs < 1000),
  );
