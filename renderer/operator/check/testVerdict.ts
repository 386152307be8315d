/** What ten seconds predict for a lesson: the loss per source, and what to change. Pure. */
import type { ApplianceState, SourceHealth } from '../../../electron/common/applianceState.ts';
import type { Verdict } from '../../../electron/common/review.ts';
import type { SessionSummary, StreamSummary } from '../../../electron/common/sessionSummary.ts';
import { counted, decimal, errorText, number, t } from '../../components/words.ts';
import { nameOf } from '../alarms.ts';
import { gapReason } from '../gapReason.ts';
import { lostText } from '../losses.ts';

export interface TestVerdict {
  /** `bad`: a lesson would lose data. */
  level: 'good' | 'warn' | 'bad';
  title: string;
  /** What is wrong with each source, the worst first. */
  sources: { name: string; text: string; nextStep: string }[];
}

export interface TestInput {
  sources: ApplianceState['sources'];
  summary: Pick<SessionSummary, 'streams' | 'durationNs'>;
  verified: Pick<Verdict, 'ok' | 'total' | 'checked'>;
}

interface Fault {
  level: 'warn' | 'bad';
  name: string;
  text: string;
  nextStep: string;
}

const LESSON_MINUTES = 45;
/** A lesson that loses more than this is damaged. */
const BAD_SHARE = 0.01;
/** Less than this share of the promised rate: the camera, the light or the computer is too slow. */
const BAD_RATE = 0.45;
const WARN_RATE = 0.85;
/** A stream shorter than this has no meaningful rate. */
const LEAST_SECONDS = 4;

export const refusedTest = (): TestVerdict => ({ level: 'bad', title: t('test.refused'), sources: [] });

export function judgeTest({ sources, summary, verified }: TestInput): TestVerdict {
  const faults = sources.filter(({ paused }) => !paused).flatMap((source) => faultOf(source, summary) ?? []);
  const sorted = [...faults].sort((a, b) => Number(b.level === 'bad') - Number(a.level === 'bad'));
  const bad = faults.filter(({ level }) => level === 'bad').length;
  if (!verified.ok) return { level: 'bad', title: counted('test.damaged', verified.total), sources: sorted };
  if (bad > 0) return { level: 'bad', title: counted('test.bad', bad), sources: sorted };
  if (faults.length > 0) return { level: 'warn', title: counted('test.warn', faults.length), sources: sorted };
  const { packets, samples } = verified.checked;
  return { level: 'good', title: t('test.good', { packets: number(packets), samples: number(samples) }), sources: [] };
}

function faultOf(source: SourceHealth, { streams }: TestInput['summary']): Fault | null {
  const own = streams.filter((stream) => stream.source === source.id);
  const fault = (level: Fault['level'], text: string, nextStep: string): Fault => ({
    level,
    name: nameOf(source),
    text,
    nextStep,
  });
  if (!own.some(({ count }) => count > 0)) {
    // A button that nobody pressed delivers nothing.
    if (source.kind === 'hid') return null;
    const { message, nextStep } = errorText(source.state);
    return fault('bad', message || t('test.nothing'), nextStep || t('check.notThere.do'));
  }
  const worst = own.reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a));
  if (worst.drops > 0) return lossFault(worst, fault);
  const [look] = source.health.findings.filter(
    ({ code }) => code === 'black' || code === 'frozen' || code === 'silent',
  );
  if (look) return fault('bad', t(`check.${look.code as 'black'}`), t(`check.${look.code as 'black'}.do`));
  return slowFault(own, fault);
}

function lossFault(
  stream: StreamSummary,
  fault: (level: Fault['level'], text: string, nextStep: string) => Fault,
): Fault {
  const share = shareOf(stream);
  const lesson = Math.round((stream.nominalRateHz ?? 0) * LESSON_MINUTES * 60 * share);
  const words = { lost: lostText(stream.kind, stream.drops, stream.count), reason: gapReason(stream.cause) };
  const text =
    lesson > 0
      ? t('test.loses.lesson', { ...words, lesson: number(lesson), minutes: LESSON_MINUTES })
      : t('test.loses', words);
  return fault(
    share >= BAD_SHARE ? 'bad' : 'warn',
    text,
    t(SLOW.has(stream.cause) ? 'health.tooSlow.next' : 'health.framesLost.next'),
  );
}

const SLOW: ReadonlySet<string> = new Set(['queue-full', 'encoder-dropped', 'stalled']);

/** A camera that delivered fewer frames than requested, though none was lost. */
function slowFault(
  own: readonly StreamSummary[],
  fault: (level: Fault['level'], text: string, nextStep: string) => Fault,
): Fault | null {
  for (const { kind, count, durationNs, nominalRateHz } of own) {
    const seconds = Number(durationNs ?? 0) / 1e9;
    if (kind !== 'video' || nominalRateHz === null || seconds < LEAST_SECONDS) continue;
    const rate = count / seconds;
    if (rate >= nominalRateHz * WARN_RATE) continue;
    const text = t('health.rateLow', { rate: decimal(rate), wanted: number(nominalRateHz) });
    return fault(rate < nominalRateHz * BAD_RATE ? 'bad' : 'warn', text, t('health.rateLow.next'));
  }
  return null;
}

const shareOf = ({ drops, count }: StreamSummary): number => (drops === 0 ? 0 : drops / (drops + count));
