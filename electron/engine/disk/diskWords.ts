/** Messages about the disk. Pure functions from figures to sentences. */
import type { ApplianceState } from '../../common/applianceState.ts';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units.ts';
import type { Stage } from './diskPlan.ts';

export type Notice = ApplianceState['notices'][number];

/** A session that the disk ended. */
export interface EndedByDisk {
  id: string;
  /** Session time, for people. */
  at: string;
}

export interface DiskFacts {
  recording: boolean;
  minutesLeft: number | null;
  stage: Stage;
  gone: FieldroomError | null;
  ended: EndedByDisk | null;
  /** Time since the disk last accepted pending data; 0: it is accepting it. */
  stalledMs: number;
  unsafeBytes: number;
}

/** One lesson. */
const LOW_MINUTES = 45;
const FIRM_MINUTES = 10;
/** A disk this slow is broken, or is a network drive that is gone. */
const LONG_STALL_MS = 10_000;

/** The worst first. */
export function diskNotices(facts: DiskFacts): Notice[] {
  const { gone } = facts;
  return [
    ...(gone
      ? [{ level: 'error' as const, code: gone.code, message: gone.message, nextStep: gone.nextStep ?? '' }]
      : []),
    ...endedNotice(facts),
    ...roomNotice(facts),
    ...stallNotice(facts),
  ];
}

function endedNotice({ ended }: DiskFacts): Notice[] {
  if (!ended) return [];
  return [
    {
      level: 'error',
      code: 'disk.session-ended',
      message: `The disk is full: the session was stopped at ${ended.at}, and everything recorded until then is kept.`,
      nextStep: 'Free some space before the next recording.',
    },
  ];
}

function roomNotice({ recording, minutesLeft, stage, ended }: DiskFacts): Notice[] {
  const free = 'Free some space, or choose a data folder on another disk for the next session.';
  if (recording && stage > 0) {
    const stopped = stage === 1 ? 'pictures are no longer recorded' : 'only sensors are still recorded';
    const message = `The disk is almost full: ${stopped}.`;
    return [
      {
        level: 'error',
        code: 'disk.almost-full',
        message,
        nextStep: 'Free some space. Recording then resumes automatically.',
      },
    ];
  }
  if (minutesLeft === null || minutesLeft >= LOW_MINUTES || ended) return [];
  const level = minutesLeft < FIRM_MINUTES ? 'error' : 'warn';
  const minutes = Math.floor(minutesLeft);
  const message = recording
    ? `The disk has space for ${minutes} more minutes of this recording.`
    : `The disk has space for ${minutes} minutes of recording with this kit.`;
  return [{ level, code: 'data.low', message, nextStep: free }];
}

function stallNotice({ recording, stalledMs, unsafeBytes }: DiskFacts): Notice[] {
  if (!recording || stalledMs === 0) return [];
  const message = `The disk has accepted no data for ${Math.round(stalledMs / 1000)} s. ${formatBytes(unsafeBytes)} are waiting in memory.`;
  return [
    {
      level: stalledMs < LONG_STALL_MS ? 'warn' : 'error',
      code: 'store.stalled',
      message,
      nextStep: 'Nothing is lost yet. Close other programs that use this disk, and check its cable.',
    },
  ];
}

/** Why the data folder cannot be used; `cause` null: it has not answered for `hangsMs`. */
export function goneError(folder: string, cause: NodeJS.ErrnoException | null, hangsMs: number): FieldroomError {
  const more = { data: { folder, reason: cause?.code ?? `${Math.round(hangsMs)} ms` }, ...(cause ? { cause } : {}) };
  if (!cause) return fieldroomError('data.hangs', { folder }, { ...more });
  if (cause.code === 'EROFS' || cause.code === 'EACCES' || cause.code === 'EPERM')
    return fieldroomError('data.not-writable:code', { folder, code: cause.code }, { ...more });
  return fieldroomError('data.gone', { folder }, { ...more });
}
