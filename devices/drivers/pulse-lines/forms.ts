/**
 * Parses one line of a pulse board. Each form is one function; null: the line does not have this form.
 * Source: /shared/sensor-protocols.md section 2c (PulseSensorPlayground, SparkFun MAX3010x examples).
 */
import type { Channel } from '../../../electron/common/stream.ts';
import type { Value } from '../../driver.ts';
import type { PulseFormat } from './settings.ts';

/**
 * What a line says about one sensor; a beat's values repeat in many lines, and `beat` says how to find the beat among
 * them.
 */
export interface Reading {
  sensor: number;
  /** Absent: the line contains no sample. */
  signal?: Value[];
  /** Absent: the line says nothing about beats. */
  derived?: Value[];
  /**
   * `now`: this line is a beat. `half`: the next line completes it. A boolean: a line's flag; a beat is where it rises.
   * Absent: a beat is where `derived` changes.
   */
  beat?: 'now' | 'half' | boolean;
  timeMs?: number;
  sequence?: number;
}

const NUMBER = /^-?\d{1,10}(?:\.\d{1,6})?$/;
const number = (text: string | undefined): number | null =>
  text !== undefined && NUMBER.test(text) ? Number(text) : null;

/** All fields of a line as numbers, or null if one is not a number or there are fewer. */
function numbers(line: string, count: number): number[] | null {
  const fields = line.split(',').map((field) => number(field.trim()));
  return fields.length === count && fields.every((field) => field !== null) ? (fields as number[]) : null;
}

type Form = (line: string, sensors: number) => Reading[] | null;

/** SERIAL_PLOTTER: `BPM,IBI,Signal` every 20 ms. */
const plotter: Form = (line) => {
  const [bpm, ibi, signal] = numbers(line, 3) ?? [];
  return bpm === undefined || ibi === undefined || signal === undefined
    ? null
    : [{ sensor: 0, signal: [signal], derived: [bpm, ibi] }];
};

/** PROCESSING_VISUALIZER: one sensor `S512`, `B72`, `Q833`; several `a512`, `A72`, `M833`, then `b`, `B`, `N` and so on. */
const visualizer: Form = (line, sensors) => {
  const letter = line[0] as string;
  const value = number(line.slice(1));
  if (value === null) return null;
  if (sensors === 1) {
    if (letter === 'S') return [{ sensor: 0, signal: [value] }];
    if (letter === 'B') return [{ sensor: 0, derived: [value, Number.NaN], beat: 'half' }];
    return letter === 'Q' ? [{ sensor: 0, derived: [Number.NaN, value], beat: 'now' }] : null;
  }
  const code = letter.charCodeAt(0);
  const at = (first: string): number => code - first.charCodeAt(0);
  if (at('a') >= 0 && at('a') < sensors) return [{ sensor: at('a'), signal: [value] }];
  if (at('A') >= 0 && at('A') < sensors) return [{ sensor: at('A'), derived: [value, Number.NaN], beat: 'half' }];
  return at('M') >= 0 && at('M') < sensors ? [{ sensor: at('M'), derived: [Number.NaN, value], beat: 'now' }] : null;
};

/** `Signal 512` of one sketch, `BPM: 72` of another, which prints it once a beat. */
const text: Form = (line) => {
  const signal = number(/^Signal (\S+)$/.exec(line)?.[1]);
  if (signal !== null) return [{ sensor: 0, signal: [signal] }];
  const bpm = number(/^BPM: ?(\S+)$/.exec(line)?.[1]);
  return bpm === null ? null : [{ sensor: 0, derived: [bpm, Number.NaN], beat: 'now' }];
};

/** SignalCoach: one raw number per line. */
const single: Form = (line) => {
  const [signal] = numbers(line, 1) ?? [];
  return signal === undefined ? null : [{ sensor: 0, signal: [signal] }];
};

const four: Form = (line) => {
  const [signal, bpm, ibi, beat] = numbers(line, 4) ?? [];
  if (signal === undefined || bpm === undefined || ibi === undefined || beat === undefined) return null;
  return [{ sensor: 0, signal: [signal], derived: [bpm, ibi], beat: beat !== 0 }];
};

const twoSignals: Form = (line) =>
  numbers(line, 2)?.map((signal, sensor): Reading => ({ sensor, signal: [signal] })) ?? null;

const irRed: Form = (line) => {
  const both = numbers(line, 2);
  return both ? [{ sensor: 0, signal: both }] : null;
};

const timeSignal: Form = (line) => {
  const [timeMs, signal] = numbers(line, 2) ?? [];
  return timeMs === undefined || signal === undefined ? null : [{ sensor: 0, signal: [signal], timeMs }];
};

const flag = (value: unknown): boolean | undefined =>
  typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 : undefined;

/** Object lines with any of the keys used by sketches; a line without a signal does not match. */
const json: Form = (line) => {
  if (!line.startsWith('{')) return null;
  let found: Record<string, unknown>;
  try {
    found = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
  const pick = (...keys: string[]): number | undefined => {
    const value = keys.map((key) => found[key]).find((candidate) => candidate !== undefined);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  };
  const signal = pick('signal', 'sample', 'raw', 'value');
  if (signal === undefined) return null;
  const bpm = pick('bpm') ?? Number.NaN;
  const ibi = pick('ibi', 'ibiMs') ?? Number.NaN;
  const beat = flag(found.beat);
  const timeMs = pick('timestampMs', 'timestamp', 'time');
  const sequence = pick('sequence', 'seq');
  const state = typeof found.state === 'string' ? found.state.slice(0, 64) : null;
  return [
    {
      sensor: 0,
      signal: [signal, pick('quality') ?? Number.NaN, state, null],
      ...(Number.isNaN(bpm) && Number.isNaN(ibi) ? {} : { derived: [bpm, ibi] }),
      ...(beat === undefined ? {} : { beat }),
      ...(timeMs === undefined ? {} : { timeMs }),
      ...(sequence === undefined ? {} : { sequence }),
    },
  ];
};

/** `PSWS,1,LIVE|SIM,seq,tsMs,signal,bpm,ibi,beat,quality,STATE`; version 2 adds seven fields at the end. */
const psws: Form = (line) => {
  const fields = line.split(',');
  const [mark, version, mode] = fields;
  if (mark !== 'PSWS' || (mode !== 'LIVE' && mode !== 'SIM')) return null;
  if (!(version === '1' && fields.length === 11) && !(version === '2' && fields.length === 18)) return null;
  const [sequence, timeMs, signal, bpm, ibi, beat, quality] = fields.slice(3, 10).map(number);
  if (sequence == null || timeMs == null || signal == null || bpm == null || ibi == null || beat == null) return null;
  const state = (fields[10] as string).slice(0, 64);
  const values: Value[] = [signal, quality ?? Number.NaN, state, mode === 'LIVE'];
  return [{ sensor: 0, signal: values, derived: [bpm, ibi], beat: beat !== 0, timeMs, sequence }];
};

/** SparkFun Example5: `IR=102345, BPM=71.43, Avg BPM=72`, followed by ` No finger?` when IR is below 50000. */
const maxBeat: Form = (line) => {
  const parts = /^IR=(\S+), BPM=(\S+), Avg BPM=(\S+?)( No finger\?)?$/.exec(line);
  const [ir, bpm, average] = [number(parts?.[1]), number(parts?.[2]), number(parts?.[3])];
  if (ir === null || bpm === null || average === null) return null;
  return [{ sensor: 0, signal: [ir, parts?.[4] === undefined], derived: [bpm, average] }];
};

/** SparkFun SpO2: a value whose valid flag is 0 is discarded. */
const maxSpo2: Form = (line) => {
  const parts = /^red=(\S+), ir=(\S+), HR=(\S+), HRvalid=([01]), SPO2=(\S+), SPO2Valid=([01])$/.exec(line);
  const [red, ir, rate, spo2] = [number(parts?.[1]), number(parts?.[2]), number(parts?.[3]), number(parts?.[5])];
  if (!parts || red === null || ir === null || rate === null || spo2 === null) return null;
  const derived = [parts[4] === '1' ? rate : Number.NaN, parts[6] === '1' ? spo2 : Number.NaN];
  return [{ sensor: 0, signal: [red, ir], derived }];
};

export const FORMS: Record<PulseFormat, Form> = {
  plotter,
  visualizer,
  text,
  number: single,
  'signal-bpm-ibi-beat': four,
  json,
  psws,
  'max-beat': maxBeat,
  'max-spo2': maxSpo2,
  'two-signals': twoSignals,
  'ir-red': irRed,
  'time-signal': timeSignal,
};

const channel = (name: string, unit = '', type: Channel['type'] = 'number'): Channel => ({ name, unit, type });
const BEATS = [channel('bpm', 'bpm'), channel('ibi_ms', 'ms')];
const SIGNAL = [channel('signal')];
const RICH = [channel('signal'), channel('quality'), channel('state', '', 'text'), channel('live', '', 'boolean')];

/** Channels of the two streams of each form; `derived` null: the form has no beats. */
export const LAYOUTS: Record<
  PulseFormat,
  { signal: Channel[]; derived: Channel[] | null; suffix: 'beats' | 'values' }
> = {
  plotter: { signal: SIGNAL, derived: BEATS, suffix: 'beats' },
  visualizer: { signal: SIGNAL, derived: BEATS, suffix: 'beats' },
  text: { signal: SIGNAL, derived: BEATS, suffix: 'beats' },
  number: { signal: SIGNAL, derived: null, suffix: 'beats' },
  'signal-bpm-ibi-beat': { signal: SIGNAL, derived: BEATS, suffix: 'beats' },
  json: { signal: RICH, derived: BEATS, suffix: 'beats' },
  psws: { signal: RICH, derived: BEATS, suffix: 'beats' },
  'max-beat': {
    signal: [channel('ir'), channel('finger', '', 'boolean')],
    derived: [channel('bpm', 'bpm'), channel('bpm_avg', 'bpm')],
    suffix: 'beats',
  },
  'max-spo2': {
    signal: [channel('red'), channel('ir')],
    derived: [channel('heart_rate', 'bpm'), channel('spo2', '%')],
    suffix: 'values',
  },
  'two-signals': { signal: SIGNAL, derived: null, suffix: 'beats' },
  'ir-red': { signal: [channel('ir'), channel('red')], derived: null, suffix: 'beats' },
  'time-signal': { signal: SIGNAL, derived: null, suffix: 'beats' },
};

/** Forms that can be recognised from a single line, in the order in which they are tried. */
const SELF_EVIDENT: readonly PulseFormat[] = [
  'psws',
  'json',
  'max-beat',
  'max-spo2',
  'plotter',
  'signal-bpm-ibi-beat',
  'text',
  'visualizer',
  'number',
];

export const guessForm = (line: string, sensors: number): PulseFormat | null =>
  SELF_EVIDENT.find((format) => FORMS[format](line, sensors) !== null) ?? null;
