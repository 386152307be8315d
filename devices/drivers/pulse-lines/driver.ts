/** Boards that print a pulse: PulseSensor sketches, MAX3010x examples, JSON and PSWS lines. See README.md. */
import { type DeviceInfo, type DriverContext, defineDriver, type StreamSink } from '../../driver.ts';
import type { Resync } from '../../parser.ts';
import { Unwrapper } from '../lines/unwrapper.ts';
import { LAYOUTS } from './forms.ts';
import { type PulseFrame, PulseLinesParser, type PulseSample } from './parser.ts';
import { type PulseSettings, pulseSettingsSchema } from './settings.ts';

/** Consecutive unreadable lines after which people are informed. */
const TROUBLE_AFTER_LINES = 20;
/** Chips of Arduino-like boards; none of them shows that it is a pulse sensor. */
const BOARD_VENDORS = new Set(['0403', '10c4', '1a86', '2341', '16c0', '239a', '303a', '2e8a']);
/** 270 beats a minute: more than any heart. */
const MOST_BEATS_HZ = 4.5;
/** `millis()` of a board is 32 bits wide. */
const MILLIS_WRAP = 2 ** 32;

class PulseConversation {
  readonly #context: DriverContext<PulseSettings>;
  readonly #parser: PulseLinesParser;
  readonly #sinks = new Map<string, StreamSink>();
  readonly #clock = new Unwrapper(MILLIS_WRAP);
  #sequence = Number.NaN;
  #lastNs: number;
  #failedFromNs: number | null = null;
  #badLines = 0;

  constructor(context: DriverContext<PulseSettings>) {
    this.#context = context;
    this.#parser = new PulseLinesParser(context.settings.format, context.settings.sensors);
    this.#lastNs = context.now();
  }

  read(bytes: Uint8Array, arrivedNs: number): void {
    for (const frame of this.#parser.push(bytes)) this.#frame(frame, arrivedNs);
    this.#lastNs = arrivedNs;
  }

  end(nowNs: number): void {
    this.#endFailure(nowNs);
  }

  #frame(frame: PulseFrame | Resync, arrivedNs: number): void {
    const context = this.#context;
    if (frame.type === 'sample') this.#sample(frame, arrivedNs);
    else if (frame.type === 'sensor-failed') {
      this.#failedFromNs ??= this.#lastNs;
      context.trouble(
        'device.sensor-failed',
        'The board runs, but its pulse sensor does not answer.',
        'Check the wires between sensor and board.',
      );
    } else if (frame.type === 'ambiguous') {
      context.trouble(
        'device.ambiguous-lines',
        `${context.link.path} prints two numbers a line, which can mean several things.`,
        'Set "format" to two-signals, ir-red or time-signal.',
      );
    } else {
      for (const sink of this.#sinks.values())
        sink.gap(frame.reason, null, `${frame.discardedBytes} bytes discarded`, this.#lastNs, arrivedNs);
      if (frame.reason === 'partial-first-line') return;
      this.#badLines += 1;
      if (this.#badLines !== TROUBLE_AFTER_LINES) return;
      context.trouble(
        'device.garbage',
        `What ${context.link.path} prints is no pulse sensor's.`,
        `Check "baudRate" (${context.settings.baudRate} now) and "format" against the board's sketch.`,
      );
    }
  }

  #sample(frame: PulseSample, arrivedNs: number): void {
    this.#badLines = 0;
    this.#endFailure(arrivedNs);
    const sink = this.#sink(frame);
    if (frame.of === 'signal') this.#follow(frame, arrivedNs, sink);
    const deviceTime = Number.isNaN(frame.timeMs) ? undefined : this.#clock.value;
    sink.sample({ values: frame.values, arrivedNs, ...(deviceTime === undefined ? {} : { deviceTime }) });
  }

  /** The board's counter and clock, if it prints them: show lines that were lost, and restarts. */
  #follow(frame: PulseSample, arrivedNs: number, sink: StreamSink): void {
    const { sequence, timeMs } = frame;
    const step = sequence - this.#sequence;
    const clock = Number.isNaN(timeMs) ? null : this.#clock.next(timeMs);
    if (clock?.restarted) this.#clock.restart(timeMs);
    if (step < 1 || clock?.restarted)
      sink.gap('device-restart', null, 'The board began to count anew', this.#lastNs, arrivedNs);
    else if (step > 1)
      sink.gap(
        'device-skipped',
        Math.round(step) - 1,
        `The board's counter jumped by ${step}`,
        this.#lastNs,
        arrivedNs,
      );
    this.#sequence = sequence;
  }

  #endFailure(nowNs: number): void {
    const fromNs = this.#failedFromNs;
    if (fromNs === null) return;
    this.#failedFromNs = null;
    for (const sink of this.#sinks.values())
      sink.gap('sensor-failed', null, 'The sensor did not answer the board', fromNs, nowNs);
  }

  #sink({ format, of, sensor, timeMs }: PulseSample): StreamSink {
    const layout = LAYOUTS[format];
    const parts = [...(sensor === 0 ? [] : [String(sensor + 1)]), ...(of === 'signal' ? [] : [layout.suffix])];
    const suffix = parts.join('-');
    const known = this.#sinks.get(suffix);
    if (known) return known;
    const made = this.#context.stream({
      suffix,
      label: of === 'signal' ? 'Pulse signal' : layout.suffix === 'beats' ? 'Beats' : 'Heart rate and oxygen',
      channels: of === 'signal' ? layout.signal : (layout.derived ?? []),
      ...(Number.isNaN(timeMs)
        ? {}
        : { deviceClock: { kind: 'clock' as const, tickNs: 1e6, description: "The board's milliseconds" } }),
      facts: { format, baudRate: this.#context.settings.baudRate },
    });
    this.#sinks.set(suffix, made);
    return made;
  }
}

export const pulseLinesDriver = defineDriver<PulseSettings>({
  id: 'pulse-lines',
  title: 'Pulse sensor that prints lines',
  kinds: ['serial', 'tcp', 'udp'],
  settings: pulseSettingsSchema,
  serial: { baudRate: 115_200, lowLatency: true },
  onlyListens: true,
  // Many sensors print three numbers a line: values that no heart produces do not come from a pulse sensor.
  plausible: ({ suffix, rateHz, last }) =>
    !suffix.endsWith('beats') || (rateHz < MOST_BEATS_HZ && Number(last[0] ?? 0) < MOST_BEATS_HZ * 60),
  fits: (device: DeviceInfo) => (device.kind === 'serial' && BOARD_VENDORS.has(device.vendorId ?? '') ? 1 : 0),
  async run(context) {
    const conversation = new PulseConversation(context);
    context.link.onData = (bytes, arrivedNs) => conversation.read(bytes, arrivedNs);
    try {
      const error = await context.link.closed;
      if (error) throw error;
    } finally {
      conversation.end(context.now());
    }
  },
});
