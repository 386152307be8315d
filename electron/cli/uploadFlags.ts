/** Shared by the upload commands: flags, the destination and its retries. */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { formatBytes, formatDuration, NS_PER_S } from '../common/units.ts';
import type { Destination, DestinationSettings } from '../engine/upload/destination.ts';
import { type DestinationFlags, keysFromEnvironment, parseDestination } from '../engine/upload/destinationText.ts';
import { Limiter } from '../engine/upload/limiter.ts';
import { openDestination } from '../engine/upload/openDestination.ts';
import { Retrier } from '../engine/upload/retry.ts';
import { STALL_MS } from '../engine/upload/stall.ts';
import type { Progress } from './terminal.ts';

export interface PlaceFlags extends DestinationFlags {
  /** Milliseconds without progress after which the command gives up. */
  deadline: number;
  json?: boolean;
}

export const settingsOf = (text: string, flags: PlaceFlags): DestinationSettings =>
  parseDestination(text, flags, process.env);

/** For commands that only read from a destination. */
export function openPlace(
  settings: DestinationSettings,
  flags: PlaceFlags,
  signal: AbortSignal,
  progress: Progress,
): { destination: Destination; retrier: Retrier } {
  const retrier = new Retrier({
    deadlineMs: flags.deadline,
    signal,
    onWait: (error, pauseMs) => progress.say(`${error.message} Retrying in ${Math.ceil(pauseMs / 1000)} s.`),
  });
  const parts = { limiter: new Limiter(), retrier, signal, stallMs: STALL_MS };
  return { destination: openDestination(settings, keysFromEnvironment(process.env), parts), retrier };
}

/** The data folder that contains the session; the default one if there is none. */
export function dataFolderOf(session: string, named: string | undefined): string {
  if (named !== undefined) return resolve(named);
  const around = dirname(dirname(resolve(session)));
  return existsSync(join(around, '.fieldroom')) ? around : join(homedir(), 'Fieldroom');
}

/** `12.0 MB/s, 3:20.0 left`. */
export function paceText(bytesPerSecond: number, secondsLeft: number | null): string {
  const left =
    secondsLeft === null ? '' : `, ${formatDuration(Math.round(secondsLeft) * NS_PER_S).replace(/\.0$/, '')} left`;
  return `${formatBytes(bytesPerSecond)}/s${left}`;
}
