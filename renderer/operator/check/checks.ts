/** Is this classroom ready? Every check before class, with its result and its remedy. Pure. */
import type { ApplianceState, SourceHealth } from '../../../electron/common/applianceState.ts';
import { minutesText } from '../../components/format.ts';
import { counted, decimal, number, t } from '../../components/words.ts';
import { nameOf } from '../alarms.ts';
import { healthWords } from '../healthWords.ts';
import type { Power } from '../power.ts';

export interface Check {
  id: string;
  /** The subject of the check: a source, the disk, the battery. */
  what: string;
  state: 'good' | 'busy' | 'warn' | 'bad';
  /** One sentence. */
  says: string;
  /** Empty if there is nothing to do. */
  remedy: string;
}

export interface CheckInput {
  state: ApplianceState;
  /** How long the page has been open: measurements need several seconds. */
  watchedMs: number;
  power: Power | null;
  /** Today's requirements. */
  minutes: number;
  absent: ReadonlySet<string>;
}

/** Above this, two sources cannot be compared frame by frame. */
const CLOCK_GOOD_NS = 5e6;
/**
 * Above the first share of all cores, starting another program loses frames; above the second, frames are being lost
 * already.
 */
const BUSY_WARN = 0.8;
const BUSY_BAD = 0.95;
/** Before this time, measurements are not meaningful. */
export const WATCH_MS = 5000;
const LOW_BATTERY = 0.4;

export function checksOf(input: CheckInput): Check[] {
  const { state } = input;
  return [
    ...state.sources.map((source) => sourceCheck(source, input)),
    ...usbCheck(state.sources),
    ...diskCheck(input),
    cpuCheck(input),
    ...powerCheck(input.power),
    clockCheck(state),
    ...absentCheck(input),
  ];
}

const good = (id: string, what: string, says: string): Check => ({ id, what, state: 'good', says, remedy: '' });

function sourceCheck(source: SourceHealth, { watchedMs }: CheckInput): Check {
  const what = nameOf(source);
  const { id, health } = source;
  const { state, message, nextStep } = source.state;
  if (source.paused) return { id, what, state: 'warn', says: t('check.paused'), remedy: t('check.paused.do') };
  if (state === 'opening') return { id, what, state: 'busy', says: t('state.opening'), remedy: '' };
  if (state !== 'streaming')
    return {
      id,
      what,
      state: 'bad',
      says: message || t('check.notThere'),
      remedy: nextStep || t('check.notThere.do'),
    };
  if (health.findings.length > 0) {
    const words = health.findings.map((finding) => healthWords(source, finding));
    // There is time before class, so anything that a lesson would not show is as bad as anything it would lose.
    const bad = health.findings.some(({ level, code }) => level === 'losing' || SHOWS_NOTHING.has(code));
    return {
      id,
      what,
      state: bad ? 'bad' : 'warn',
      says: words.map(({ text }) => text).join(' '),
      remedy: [...new Set(words.map(({ nextStep: remedy }) => remedy))].join(' '),
    };
  }
  if (watchedMs < WATCH_MS) return { id, what, state: 'busy', says: t('check.waiting'), remedy: '' };
  return good(id, what, t(source.kind === 'microphone' ? 'check.hears' : 'check.delivers'));
}

const SHOWS_NOTHING: ReadonlySet<string> = new Set(['black', 'frozen', 'silent', 'too-slow']);

/** Two cameras work and the third cannot be read: on one hub, the cause is usually bandwidth rather than another program. */
function usbCheck(sources: readonly SourceHealth[]): Check[] {
  const cameras = sources.filter(({ kind, simulated }) => kind === 'camera' && !simulated);
  const refused = cameras.filter(({ state }) => ['capture.busy', 'capture.open-failed'].includes(state.code));
  const working = cameras.filter(({ state }) => state.state === 'streaming');
  if (refused.length === 0 || working.length === 0) return [];
  const names = refused.map(nameOf).join(', ');
  return [
    { id: 'usb', what: t('check.usb'), state: 'bad', says: t('check.usb.says', { names }), remedy: t('check.usb.do') },
  ];
}

function diskCheck({ state, minutes }: CheckInput): Check[] {
  const left = state.disk.minutesLeft;
  if (left === null) return [];
  const facts = { left: minutesText(left), wanted: minutesText(minutes) };
  if (left >= minutes) return [good('disk', t('check.disk'), t('check.disk.good', facts))];
  return [
    { id: 'disk', what: t('check.disk'), state: 'bad', says: t('check.disk.bad', facts), remedy: t('check.disk.do') },
  ];
}

/** Measured while every source is open and encoding, as in a lesson. */
function cpuCheck({ state, watchedMs }: CheckInput): Check {
  const { busy, cores } = state.processor;
  const what = t('check.cpu');
  if (busy === null || watchedMs < WATCH_MS)
    return { id: 'cpu', what, state: 'busy', says: t('check.cpu.measuring'), remedy: '' };
  const facts = { percent: number(busy * 100), cores: counted('check.cpu.cores', cores) };
  if (busy < BUSY_WARN) return good('cpu', what, t('check.cpu.good', facts));
  const bad = busy >= BUSY_BAD;
  return {
    id: 'cpu',
    what,
    state: bad ? 'bad' : 'warn',
    says: t(bad ? 'check.cpu.bad' : 'check.cpu.warn', facts),
    remedy: t('check.cpu.do'),
  };
}

function powerCheck(power: Power | null): Check[] {
  if (!power) return [];
  if (power.charging) return [good('power', t('check.power'), t('check.power.good'))];
  const percent = Math.round(power.level * 100);
  return [
    {
      id: 'power',
      what: t('check.power'),
      state: power.level < LOW_BATTERY ? 'bad' : 'warn',
      says: t('check.power.battery', { percent }),
      remedy: t('power.do'),
    },
  ];
}

function clockCheck({ clocks, publishers }: ApplianceState): Check {
  const what = t('check.clocks');
  const away = publishers.filter(({ connected }) => !connected);
  if (away.length > 0)
    return { id: 'clocks', what, state: 'bad', says: t('check.parts.away'), remedy: t('check.parts.do') };
  const unsure = clocks.map(({ uncertaintyNs }) => uncertaintyNs);
  if (unsure.some((ns) => ns === null))
    return { id: 'clocks', what, state: 'busy', says: t('check.clocks.measuring'), remedy: '' };
  const worst = Math.max(0, ...unsure.map((ns) => ns ?? 0));
  const facts = { ms: decimal(Math.max(worst / 1e6, 0.1)) };
  return worst <= CLOCK_GOOD_NS
    ? good('clocks', what, t('check.clocks.good', facts))
    : { id: 'clocks', what, state: 'warn', says: t('check.clocks.bad', facts), remedy: t('check.clocks.do') };
}

function absentCheck({ state, absent }: CheckInput): Check[] {
  const idle = state.sources.filter(
    ({ participant, paused }) => participant !== null && absent.has(participant) && !paused,
  );
  return idle.map((source) => ({
    id: `absent ${source.id}`,
    what: t('check.absent'),
    state: 'warn' as const,
    says: t('check.absent.says', { participant: source.participant ?? '', name: nameOf(source) }),
    remedy: t('check.absent.do'),
  }));
}
