/** One recording through the door, from a kit to a sealed session: shared by `record` and `demo`. */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplianceState, SourceHealth } from '../common/applianceState.ts';
import type { DoorClient } from '../common/doorClient.ts';
import type { Kit } from '../common/kit.ts';
import type { SessionSummary } from '../common/sessionSummary.ts';
import { formatBytes, formatDuration } from '../common/units.ts';
import type { Progress } from './terminal.ts';

export interface RecordOptions {
  kit: Kit;
  kitPath: string | null;
  /** Allows the engine to write the kit back to its file. */
  kitGrant?: string | undefined;
  durationMs: number;
  study?: string | undefined;
  /** Longest wait for all sources to deliver data; then recording begins without the missing ones. */
  readyTimeoutMs: number;
  /** Aborted by Ctrl-C: stop the session and keep it. */
  signal: AbortSignal;
}

const POLL_MS = 250;
/** Wait for devices that are not plugged in, counted from when all others deliver. */
const ABSENT_MS = 5000;

export async function recordSession(
  door: DoorClient,
  options: RecordOptions,
  progress: Progress,
): Promise<SessionSummary> {
  const { kit, kitPath: path, kitGrant: grant } = options;
  await door.call('kit.load', { kit, path, ...(grant === undefined ? {} : { grant }) });
  await sourcesReady(door, options, progress);
  const session = await door.call('session.start', options.study ? { study: options.study } : {});
  progress.say(`Recording into ${session.folder}`);
  const ended = await whileRecording(door, session.id, options, progress);
  if (ended) {
    for (const { level, message, nextStep } of ended.notices)
      if (level === 'error') progress.say(`! ${message} ${nextStep}`.trimEnd());
    process.exitCode = 1;
  } else await door.call('session.stop', {});
  progress.update('Sealing…');
  const summary = await door.call('session.sealed', { id: session.id });
  progress.say(`Sealed ${session.id}.`);
  return summary;
}

/** Starts devices and encoders before recording. Reports sources that do not deliver (or only not live); the rest are recorded. */
async function sourcesReady(
  door: DoorClient,
  { readyTimeoutMs, signal }: RecordOptions,
  progress: Progress,
): Promise<void> {
  const endMs = performance.now() + readyTimeoutMs;
  let state = await door.call('state.get', {});
  let othersReadyMs = Number.POSITIVE_INFINITY;
  while (performance.now() < endMs && !signal.aborted && !state.sources.every(settled)) {
    const othersReady = state.sources.every((source) => settled(source) || isAbsent(source));
    othersReadyMs = othersReady ? Math.min(othersReadyMs, performance.now()) : Number.POSITIVE_INFINITY;
    if (performance.now() - othersReadyMs > ABSENT_MS) break;
    progress.update(`Opening sources: ${state.sources.filter(settled).length} of ${state.sources.length}`);
    await sleep(POLL_MS);
    state = await door.call('state.get', {});
  }
  for (const source of state.sources.filter((candidate) => candidate.state.state !== 'streaming')) {
    progress.say(
      `! ${source.id}: ${source.state.message || `still ${source.state.state}`} ${source.state.nextStep}`.trimEnd(),
    );
  }
  const { live } = state;
  if (live.state === 'off' || live.state === 'failed') progress.say(`! ${live.message} ${live.nextStep}`.trimEnd());
}

const settled = ({ state, streams }: SourceHealth): boolean =>
  state.state === 'error' || state.state === 'choosing' || (state.state === 'streaming' && streams.length > 0);

/** Searched for, and not found so far. */
const isAbsent = ({ state }: SourceHealth): boolean => state.state === 'searching' && state.code !== '';

/** @returns the state of a session that ended early (for example on a full disk); null: the session must be stopped now */
async function whileRecording(
  door: DoorClient,
  id: string,
  { durationMs, signal }: RecordOptions,
  progress: Progress,
): Promise<ApplianceState | null> {
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs && !signal.aborted) {
    const state = await door.call('state.get', {});
    if (state.session?.id !== id) return state;
    progress.update(progressLine(state, durationMs));
    await sleep(Math.min(500, Math.max(0, endMs - performance.now())), undefined, { signal }).catch(() => undefined);
  }
  return null;
}

function progressLine({ session, sources, notices }: ApplianceState, durationMs: number): string {
  if (!session) return 'Not recording.';
  const delivering = sources.filter((source) => source.state.state === 'streaming').length;
  const missing = sources.flatMap((source) => source.streams).reduce((sum, stream) => sum + stream.missing, 0);
  const trouble = notices[0] ? `  ! ${notices[0].message}` : '';
  return `${formatDuration(BigInt(session.elapsedNs))} of ${formatDuration(durationMs * 1e6)}  ${formatBytes(session.bytes)} safe  ${delivering}/${sources.length} sources  ${missing} missing${trouble}`;
}
