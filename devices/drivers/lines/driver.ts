/** Anything that prints lines: delimited, `key: value` or JSON. See README.md. */
import type { Channel, DeviceClock } from '../../../electron/common/stream.ts';
import { type DeviceInfo, type DriverContext, defineDriver, type Sample, type StreamSink } from '../../driver.ts';
import { makePlan } from './guess.ts';
import { LineSplitter } from './lineSplitter.ts';
import { LinesParser, type LinesSink } from './parser.ts';
import type { LinePlan, Row } from './rowReader.ts';
import { type LinesSettings, linesSettingsSchema } from './settings.ts';
import { Unwrapper } from './unwrapper.ts';

/** Lines that are heard before the columns are guessed, and how long they are waited for. */
const GUESS_LINES = 4;
const GUESS_AFTER_MS = 1_500;
/** Unreadable lines, one after the other, that mean a wrong baud rate or format. */
const TROUBLE_AFTER_LINES = 20;

/** Chips of boards that print lines; none of them proves it. */
const BOARD_VENDORS = new Set(['0403', '10c4', '1a86', '2341', '16c0', '239a', '303a', '2e8a', '0483', '067b']);

export const linesDriver = defineDriver<LinesSettings>({
  id: 'lines',
  title: 'Anything that prints lines (CSV, key: value, JSON)',
  kinds: ['serial', 'tcp', 'udp'],
  settings: linesSettingsSchema,
  serial: { baudRate: 115_200, lowLatency: true },
  onlyListens: true,
  fits: (device: DeviceInfo) => (device.kind === 'serial' && BOARD_VENDORS.has(device.vendorId ?? '') ? 1 : 0),
  async run(context) {
    const conversation = new Conversation(context);
    context.link.onData = (bytes, arrivedNs) => conversation.read(bytes, arrivedNs);
    const timer = setInterval(() => conversation.tick(), 250);
    try {
      const error = await context.link.closed;
      if (error) throw error;
    } finally {
      clearInterval(timer);
    }
  },
});

class Conversation implements LinesSink {
  readonly #context: DriverContext<LinesSettings>;
  readonly #splitter: LineSplitter;
  /** Lines heard before it was known how to read them. */
  #held: { line: Uint8Array; arrivedNs: number; first: boolean }[] = [];
  #parser: LinesParser | null = null;
  #sink: StreamSink | null = null;
  readonly #sample: Sample & { deviceTime?: number } = { values: [], arrivedNs: 0 };
  #arrivedNs = 0;
  #lastNs: number | null = null;
  #badLines = 0;
  #noted = false;
  readonly #time: Unwrapper | null;
  readonly #counter: Unwrapper | null;
  readonly #cut: Parameters<LineSplitter['push']>[1];

  constructor(context: DriverContext<LinesSettings>) {
    this.#context = context;
    const { deviceTime, counter, maxLineBytes } = context.settings;
    this.#splitter = new LineSplitter(maxLineBytes);
    this.#time = deviceTime ? new Unwrapper(deviceTime.wrapsAt ?? null) : null;
    this.#counter =
      counter === undefined ? null : new Unwrapper(typeof counter === 'object' ? (counter.wrapsAt ?? null) : null);
    this.#cut = {
      line: (bytes, start, end, first) => this.#line(bytes, start, end, first),
      tooLong: (size) => this.resync(size, 'too-long'),
    };
    if (context.settings.format !== 'auto' && context.settings.columns !== undefined)
      this.#begin(makePlan(context.settings, []) as LinePlan);
  }

  read(bytes: Uint8Array, arrivedNs: number): void {
    this.#arrivedNs = arrivedNs;
    this.#splitter.push(bytes, this.#cut);
  }

  /** Guesses from what is there when no more lines come. */
  tick(): void {
    const heard = this.#held[1];
    if (!this.#parser && heard && this.#context.now() - heard.arrivedNs > GUESS_AFTER_MS * 1e6) this.#guess();
  }

  row(row: Row): void {
    const arrivedNs = this.#arrivedNs;
    const { settings } = this.#context;
    const sink = this.#sink as StreamSink;
    const count = this.#counter ? this.#counter.next(row.counter) : null;
    const time = this.#time ? this.#time.next(row.deviceTime) : null;
    if (count?.restarted || time?.restarted) {
      // One restart, seen in one or both of its columns.
      this.#counter?.restart(row.counter);
      this.#time?.restart(row.deviceTime);
      sink.gap('device-restart', null, 'The device began to count anew', this.#lastNs ?? arrivedNs, arrivedNs);
    } else if (count && count.step > 1) {
      sink.gap(
        'device-skipped',
        count.step - 1,
        `The device's counter jumped by ${count.step}`,
        this.#lastNs ?? arrivedNs,
        arrivedNs,
      );
    }
    const sample = this.#sample;
    sample.values = row.values;
    sample.arrivedNs = arrivedNs;
    if (settings.deviceTime) sample.deviceTime = (this.#time as Unwrapper).value;
    else if (this.#counter) sample.deviceTime = this.#counter.value;
    sink.sample(sample);
    this.#lastNs = arrivedNs;
    this.#badLines = 0;
  }

  header(): void {
    if (this.#lastNs === null) return;
    this.#sink?.gap('device-restart', null, 'The device printed its header again', this.#lastNs, this.#arrivedNs);
    this.#counter?.forget();
    this.#time?.forget();
  }

  resync(discardedBytes: number, reason: string): void {
    const fromNs = this.#lastNs ?? this.#arrivedNs;
    // With a counter the jump tells the number; without one a bad line was most probably one sample.
    const lost = this.#counter || reason === 'partial-first-line' || reason === 'garbage' ? null : 1;
    if (this.#sink) this.#sink.gap(reason, lost, `${discardedBytes} bytes discarded`, fromNs, this.#arrivedNs);
    else this.#context.log('info', `${discardedBytes} bytes discarded before the columns were known (${reason})`);
    if (reason === 'partial-first-line') return;
    this.#badLines += 1;
    if (this.#badLines === TROUBLE_AFTER_LINES) this.#complain(reason);
  }

  #line(bytes: Uint8Array, start: number, end: number, first: boolean): void {
    if (this.#parser) {
      this.#parser.line(bytes, start, end, first, this);
      return;
    }
    this.#held.push({ line: bytes.slice(start, end), arrivedNs: this.#arrivedNs, first });
    if (this.#held.length > GUESS_LINES) this.#guess();
  }

  #guess(): void {
    const decoder = new TextDecoder();
    // The first line may lack its start, unless it is all there is of a header.
    const texts = this.#held.map((held) => decoder.decode(held.line));
    const [head, ...rest] = texts;
    const plan = makePlan(this.#context.settings, isHeaderOf(head, rest) ? texts : rest);
    if (plan) this.#begin(plan);
    else if (this.#held.length > 64) {
      this.#complain('garbage');
      this.#held.splice(1, 32);
    }
  }

  #begin(plan: LinePlan): void {
    const { settings } = this.#context;
    this.#parser = new LinesParser(plan, settings.maxLineBytes);
    const clock = deviceClock(settings);
    this.#sink = this.#context.stream({
      suffix: '',
      channels: plan.columns.map(
        ({ name, unit, type, label }): Channel => ({ name, unit, type, ...(label === undefined ? {} : { label }) }),
      ),
      ...(settings.nominalRateHz === undefined ? {} : { nominalRateHz: settings.nominalRateHz }),
      ...(clock ? { deviceClock: clock } : {}),
      facts: { format: plan.format, delimiter: plan.delimiter, guessed: settings.columns === undefined },
    });
    const held = this.#held;
    this.#held = [];
    const now = this.#arrivedNs;
    for (const { line, arrivedNs, first } of held) {
      this.#arrivedNs = arrivedNs;
      this.#parser.line(line, 0, line.byteLength, first, this);
    }
    this.#arrivedNs = now;
  }

  #complain(reason: string): void {
    const { settings, link } = this.#context;
    const missing = reason === 'no-header';
    const message = missing
      ? `${link.path} prints no header, but the kit names its columns by header.`
      : `What ${link.path} sends cannot be read (${reason}).`;
    const nextStep = missing
      ? 'Press the reset button of the board, or give the columns by number in settings.columns.'
      : `Check settings.baudRate (${settings.baudRate} now) against the board's sketch, then settings.format and settings.columns.`;
    this.#context.trouble(missing ? 'device.no-header' : 'device.garbage', message, nextStep);
    if (!this.#noted) this.#context.log('warn', message);
    this.#noted = true;
  }
}

/** A first line that has as many fields as the others, all of them words where the others have numbers, came whole. */
function isHeaderOf(head: string | undefined, rest: string[]): boolean {
  const next = rest[0];
  if (head === undefined || next === undefined) return false;
  const width = (line: string): number => line.split(/[,;\t]|\s+/).length;
  return width(head) === width(next) && !/(^|[,;\s])[-+.]?\d/.test(head) && /\d/.test(next);
}

function deviceClock(settings: LinesSettings): DeviceClock | null {
  if (settings.deviceTime)
    return { kind: 'clock', tickNs: settings.deviceTime.tickNs, description: `column ${settings.deviceTime.column}` };
  if (settings.counter === undefined) return null;
  return { kind: 'counter', tickNs: 1e9 / (settings.nominalRateHz ?? 1), description: 'counts samples' };
}
