/** Problems that a person in the room must not miss, the worst first. Pure: from the state to sentences. */
import type { ApplianceState, SourceHealth } from '../../electron/common/applianceState.ts';
import type { ErrorReport } from '../../electron/common/errors.ts';
import { errorText, type ToldError, t } from '../components/words.ts';
import type { Connection } from './doorStore.ts';
import { healthWords } from './healthWords.ts';

export interface Alarm {
  /** Stable while the alarm lasts. */
  key: string;
  text: string;
  nextStep: string;
}

export const isRecording = (state: ApplianceState | null): boolean => state?.session?.state === 'recording';

export const nameOf = (source: Pick<SourceHealth, 'label' | 'id'>): string =>
  source.label === '' ? source.id : source.label;

export function alarmsOf(
  state: ApplianceState | null,
  connection: Connection,
  problems: readonly ErrorReport[],
): Alarm[] {
  const alarms: Alarm[] = problems.map((problem) => alarmOf(problem.code, problem));
  if (connection.state === 'lost' && problems.length === 0)
    alarms.push({ key: 'connection', text: t('alarm.connection'), nextStep: t('alarm.connection.next') });
  if (!state || connection.state === 'lost') return alarms;
  for (const notice of state.notices) {
    if (notice.level === 'error') alarms.push(alarmOf(`${notice.code} ${notice.message}`, notice));
  }
  if (isRecording(state)) alarms.push(...state.sources.flatMap((source) => sourceAlarm(source) ?? []));
  return alarms;
}

function alarmOf(key: string, told: ToldError): Alarm {
  const { message, nextStep = '' } = errorText(told);
  return { key, text: message, nextStep };
}

/** Only while recording: before that, the card shows it without an alarm. */
function sourceAlarm(source: SourceHealth): Alarm | null {
  const [worst] = source.health.findings;
  if (source.paused || worst?.level !== 'losing') return null;
  const name = nameOf(source);
  const { text, nextStep } = healthWords(source, worst);
  return { key: source.id, text: t('alarm.losing', { name, text }), nextStep };
}
