/** One kill of a live recording: when it happened, how long until people could see it, and until the part was back. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplianceState, SessionState } from '../../../electron/common/applianceState.ts';
import { verifySession } from '../../../electron/session/check/verify.ts';
import { liveTracks } from '../../fixtures/appliance.ts';
import { waitFor } from '../../fixtures/wait.ts';
import type { Classroom, Target } from './classroom.ts';

export interface Kill {
  target: Target;
  session: string;
  /** On the machine's monotonic clock, which the engine shares. */
  atNs: bigint;
  /** Lines that the sensor had sent. */
  sent: number;
  /** From the kill until the state reports it; null: never. */
  toldMs: number | null;
  /** From the kill until the part runs and works again. */
  backMs: number;
  /** Findings in a copy of the folder made before anything was resumed. */
  findings: string[];
}

const BACK_WITHIN_MS = 40_000;
const MORE = 5;

export async function killOnce(room: Classroom, session: SessionState, target: Target): Promise<Kill> {
  const { door } = room;
  const before = await door.call('state.get', {});
  const sids = sidsOf(before);
  const sent = room.sent;
  const atNs = process.hrtime.bigint();
  const startMs = performance.now();
  const killed = room.kill(target);
  if (killed.length === 0) throw new Error(`no ${target} process to kill`);
  const since = (): number => performance.now() - startMs;
  let findings: string[] = [];
  if (target === 'all') {
    await waitFor('the killed are gone', () => room.processes('all').every(({ pid }) => !killed.includes(pid)));
    findings = await examine(session.folder);
    await room.start();
  }
  let toldMs: number | null = null;
  let counts: Record<string, number> | null = null;
  while (since() < BACK_WITHIN_MS) {
    const state = await door.call('state.get', {}).catch(() => null);
    if (toldMs === null && tells(target, state)) toldMs = since();
    const others = target === 'all' || room.processes(target).some(({ pid }) => !killed.includes(pid));
    if (state && others && state.session?.id === session.id && partIsBack(target, state, sids)) {
      counts ??= countsOf(state);
      const now = countsOf(state);
      if (Object.entries(counts).every(([id, count]) => (now[id] ?? 0) >= count + MORE)) {
        // A part is back when new data arrives, not when old data is counted.
        return { target, session: session.id, atNs, sent, toldMs, backMs: since(), findings };
      }
    }
    await sleep(25);
  }
  throw new Error(`${target} did not come back within ${BACK_WITHIN_MS} ms`);
}

/** Findings of a reader in the folder as the crash left it. */
async function examine(folder: string): Promise<string[]> {
  const copy = `${folder}-as-left`;
  cpSync(folder, copy, { recursive: true });
  try {
    return (await verifySession(copy)).findings.map(({ code, where, message }) => `${code} ${where} ${message}`);
  } finally {
    rmSync(join(copy), { recursive: true, force: true });
  }
}

/** The state reports the part as missing; without an engine, the unreachable door shows it. */
function tells(target: Target, state: ApplianceState | null): boolean {
  if (target === 'engine' || target === 'all') return state === null;
  if (state === null) return false;
  const away = (name: string): boolean => state.publishers.some((one) => one.name === name && !one.connected);
  if (target === 'capture' || target === 'main') return away('capture');
  if (target === 'device-host') return away('device-host');
  return target === 'livekit' && state.live.state !== 'running';
}

function partIsBack(target: Target, state: ApplianceState, sids: readonly string[]): boolean {
  const connected = state.publishers.every((one) => one.connected);
  const streaming = state.sources.every((source) => source.state.state === 'streaming');
  if (!connected || !streaming) return false;
  // Tracks of the new server have new ids.
  return target !== 'livekit' || (liveTracks(state).length > 0 && sidsOf(state).every((sid) => !sids.includes(sid)));
}

const sidsOf = ({ live }: ApplianceState): string[] =>
  live.participants.flatMap(({ tracks }) => tracks.map(({ sid }) => sid));

const countsOf = ({ sources }: ApplianceState): Record<string, number> =>
  Object.fromEntries(sources.flatMap(({ streams }) => streams.map(({ id, count }) => [id, count])));
