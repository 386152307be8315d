/** What a person in the room must not miss, the worst first. Pure: from the state to sentences. */
import type { ApplianceState, SourceHealth } from '../../electron/common/applianceState.ts';
import type { ErrorReport } from '../../electron/common/errors.ts';
import { t } from '../components/words.ts';
import type { Connection } from './doorStore.ts';

export interface Alarm {
  /** Stays the same while the alarm lasts. */
  key: string;
  text: string;
  nextStep: string;
}

/** A camera or microphone that delivered nothing for so long is missed in the recording. */
export const LATE_MS = 3000;

export const isRecording = (state: ApplianceState | null): boolean => state?.session?.state === 'recording';

export const nameOf = (source: Pick<SourceHealth, 'label' | 'id'>): string =>
  source.label === '' ? source.id : source.label;

export function alarmsOf(
  state: ApplianceState | null,
  connection: Connection,
  problems: readonly ErrorReport[],
): Alarm[] {
  const alarms: Alarm[] = problems.map((problem) => ({
    key: problem.code,
    text: problem.message,
    nextStep: problem.nextStep ?? '',
  }));
  if (connection.state === 'lost' && problems.length === 0)
    alarms.push({ key: 'connection', text: t('alarm.connection'), nextStep: t('alarm.connection.next') });
  if (!state || connection.state === 'lost') return alarms;
  for (const notice of state.notices) {
    if (notice.level === 'error')
      alarms.push({ key: `${notice.code} ${notice.message}`, text: notice.message, nextStep: notice.nextStep });
  }
  if (isRecording(state)) alarms.push(...state.sources.flatMap((source) => sourceAlarm(source) ?? []));
  return alarms;
}

/** Only while recording: before it, the card says it without shouting. */
function sourceAlarm(source: SourceHealth): Alarm | null {
  const { state, message, nextStep } = source.state;
  if (source.paused || state === 'paused') return null;
  const name = nameOf(source);
  if (state === 'streaming') {
    const late = lateMs(source);
    return late === null
      ? null
      : {
          key: source.id,
          text: t('alarm.late', { name, seconds: Math.round(late / 1000) }),
          nextStep: t('alarm.late.next'),
        };
  }
  // A moment after it was opened or resumed nothing is wrong yet.
  if (state === 'opening') return null;
  return { key: source.id, text: message === '' ? t('alarm.notRecorded', { name }) : `${name}: ${message}`, nextStep };
}

/** Milliseconds for which a camera, microphone or screen was silent, or null when it is not late. A sensor may rest. */
export function lateMs(source: SourceHealth): number | null {
  const ages = source.streams.filter((stream) => stream.kind !== 'samples').map((stream) => stream.ageMs ?? 0);
  const worst = Math.max(0, ...ages);
  return worst > LATE_MS ? worst : null;
}
