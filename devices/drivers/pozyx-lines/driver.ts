import { z } from 'zod';
import { type AnyDriver, type DriverContext, type DriverStream, defineDriver, type StreamSink } from '../../driver.ts';
import type { Resync } from '../../parser.ts';
import {
  COVARIANCE_CHANNELS,
  integerChannel,
  POSITION_CHANNELS,
  RANGE_CHANNELS,
  SENSOR_CHANNELS,
} from '../pozyx/channels.ts';
import { SENSOR_SCALE } from '../pozyx/decode.ts';
import { errorCause, errorNextStep, errorText } from '../pozyx/errorCodes.ts';
import { RangeClock } from '../pozyx/rangeClock.ts';
import { idLabel, idName } from '../pozyx/registers.ts';
import type { LineFrame, PositionLine } from './lineForms.ts';
import { PozyxLinesParser } from './parser.ts';

const settings = z.strictObject({
  baudRate: z.number().int().min(300).max(4_000_000).default(115_200),
});
type Settings = z.infer<typeof settings>;

/** Chips of Arduinos and similar boards; a chip never shows what the board measures (6.2). */
const BOARDS = new Set(['2341', '2a03', '0403', '10c4', '1a86', '16c0', '239a', '303a', '2e8a']);
/** After this many lines in an unknown form, another program is assumed to be on the board. */
const STRANGE_LINES = 20;
/** More tags than a classroom has: anything beyond is noise that looks like a tag. */
const MAX_TAGS = 256;
/** Headings are worth a line in the log; a sketch that prints them constantly is not. */
const MAX_NOTES = 40;
const MAX_EARLY = 16;
/** The device list of a Pozyx has room for 20. */
const MAX_ANCHORS = 64;

/** Reads what the Pozyx example sketches print on an Arduino with the shield (sensor-protocols 1.9). */
export const pozyxLinesDriver: AnyDriver = defineDriver<Settings>({
  id: 'pozyx-lines',
  title: 'Pozyx board that prints lines',
  kinds: ['serial', 'tcp'],
  settings,
  serial: { baudRate: 115_200, lowLatency: true },
  onlyListens: true,
  fits: (device) => (device.kind === 'serial' && BOARDS.has(device.vendorId ?? '') ? 1 : 0),
  async run(context) {
    const lines = new Lines(context);
    const parser = new PozyxLinesParser();
    context.link.onData = (bytes, arrivedNs) => {
      for (const frame of parser.push(bytes)) lines.take(frame, arrivedNs);
    };
    const { signal } = context;
    const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    const lost = await Promise.race([context.link.closed, stopped]);
    if (lost !== undefined && !signal.aborted) throw lost;
  },
});

/** Turns lines into samples. The sketch prints a time only with ranges, so otherwise only the arrival time is known. */
class Lines {
  readonly #context: DriverContext<Settings>;
  readonly #streams = new Map<string, StreamSink>();
  readonly #tags = new Set<number>();
  readonly #anchors = new Map<string, { x: number; y: number; z: number }>();
  readonly #rangeClock = new RangeClock();
  #strange = 0;
  #last: StreamSink | null = null;
  readonly #early: { resync: Resync; arrivedNs: number }[] = [];
  #notes = 0;

  constructor(context: DriverContext<Settings>) {
    this.#context = context;
  }

  take(frame: LineFrame | Resync, arrivedNs: number): void {
    if (frame.type === 'resync') this.#discarded(frame, arrivedNs);
    else if (frame.type === 'note') this.#note(frame.text);
    else {
      this.#strange = 0;
      if (frame.type === 'position') this.#position(frame, arrivedNs);
      else if (frame.type === 'error') this.#error(frame, arrivedNs);
      else if (frame.type === 'anchor') this.#anchor(frame);
      else if (frame.type === 'range') this.#range(frame, arrivedNs);
      else this.#orientation(frame, arrivedNs);
    }
  }

  #position(line: PositionLine, arrivedNs: number): void {
    const sink = this.#tag(line.id);
    if (sink === null) return;
    sink.sample({ values: [line.x, line.y, line.z], arrivedNs });
    this.#seen(sink);
    if (line.covariance !== undefined) {
      this.#stream(partOf(line.id, 'covariance'), 'Covariance', COVARIANCE_CHANNELS).sample({
        values: line.covariance,
        arrivedNs,
      });
    }
    for (const [i, range] of (line.ranges ?? []).entries()) {
      // The old form does not name anchors: only the position in the sketch's list is known.
      const ranges = this.#stream(partOf(line.id, 'ranges'), 'Ranges', RANGE_CHANNELS);
      ranges.sample({ values: [String(i), range.distanceMm, range.rssDbm], arrivedNs });
    }
  }

  #error(line: Extract<LineFrame, { type: 'error' }>, arrivedNs: number): void {
    if (line.code === null) {
      const nextStep = 'Press the Arduino firmly on the Pozyx shield, then press its reset button.';
      this.#context.trouble('device.pozyx-shield', 'The Arduino does not detect a Pozyx shield.', nextStep);
      return;
    }
    this.#tag(line.id)?.gap(errorCause(line.code), 1, line.text, undefined, arrivedNs);
    const who = line.id === 0 ? 'The tag on the shield' : `Tag ${idLabel(line.id)}`;
    const code = `device.${errorCause(line.code)}`;
    this.#context.trouble(code, `${who} gave no position: ${errorText(line.code)}.`, errorNextStep(line.code));
  }

  /** Anchor positions are a fact of the positions; the sketch prints them once at its start. */
  #anchor({ id, x, y, z }: Extract<LineFrame, { type: 'anchor' }>): void {
    if (this.#anchors.size >= MAX_ANCHORS) return;
    this.#anchors.set(idLabel(id), { x, y, z });
    for (const tag of this.#tags) this.#context.stream(this.#tagStream(tag));
  }

  #range(line: Extract<LineFrame, { type: 'range' }>, arrivedNs: number): void {
    const deviceClock = { kind: 'clock', tickNs: 1e6, description: 'Millisecond clock of the Pozyx' } as const;
    const sink = this.#stream('range', 'Range', RANGE_CHANNELS.slice(1), { deviceClock });
    this.#rangeClock.add(0, line, { requestedNs: arrivedNs, arrivedNs });
    for (const { deviceTime } of this.#rangeClock.take()) {
      sink.sample({ values: [line.distanceMm, line.rssDbm], arrivedNs, deviceTime });
    }
    this.#seen(sink);
  }

  #orientation(line: Extract<LineFrame, { type: 'orientation' }>, arrivedNs: number): void {
    // `step_ms` is the time since the previous line; adding it up would hide lost lines, so it is recorded unchanged.
    const calibration = ['magn', 'acc', 'gyro', 'system'].map((name) => integerChannel(`calib_${name}`, ''));
    const channels = [...SENSOR_CHANNELS, ...calibration, integerChannel('step_ms', 'ms')];
    const values = line.registers.map((raw, i) => raw / (SENSOR_SCALE[i] ?? 1));
    const sink = this.#stream('orientation', 'Orientation', channels);
    sink.sample({ values: [...values, ...line.calibration, line.stepMs], arrivedNs });
    this.#seen(sink);
  }

  /** A line that began like data is one lost sample; other bytes are not counted as a loss. */
  #discarded(resync: Resync, arrivedNs: number): void {
    // Before the first sample the streams are unknown, so the gap is reported with that sample.
    if (this.#last === null) this.#early.push({ resync, arrivedNs });
    else this.#gap(this.#last, resync, arrivedNs);
    if (this.#early.length > MAX_EARLY) this.#early.shift();
    this.#strangeLine(
      'sends what no Pozyx sketch prints',
      'Check the baud rate in the kit and the sketch on the board.',
    );
  }

  #gap(sink: StreamSink, resync: Resync, arrivedNs: number): void {
    const lost = resync.reason === 'bad-line' ? 1 : null;
    sink.gap(resync.reason, lost, `${resync.discardedBytes} bytes`, undefined, arrivedNs);
  }

  #seen(sink: StreamSink): void {
    this.#last = sink;
    for (const { resync, arrivedNs } of this.#early.splice(0)) this.#gap(sink, resync, arrivedNs);
  }

  #note(text: string): void {
    if (text.trim() === '') return;
    this.#notes += 1;
    if (this.#notes <= MAX_NOTES) this.#context.log('info', `the sketch says: ${text.slice(0, 200)}`);
    const nextStep = 'Check that this is the board with the Pozyx shield and one of the example sketches.';
    this.#strangeLine(`prints lines such as "${text.slice(0, 60)}", but no positions`, nextStep);
  }

  #strangeLine(what: string, nextStep: string): void {
    this.#strange += 1;
    if (this.#strange !== STRANGE_LINES) return;
    this.#context.trouble('device.wrong-device', `The board on ${this.#context.link.path} ${what}.`, nextStep);
  }

  #tag(id: number): StreamSink | null {
    this.#tags.add(id);
    if (this.#tags.size > MAX_TAGS) {
      this.#tags.delete(id);
      return null;
    }
    const { suffix, label = '', channels, ...more } = this.#tagStream(id);
    return this.#stream(suffix, label, channels, more);
  }

  #tagStream(id: number): DriverStream {
    const label = id === 0 ? 'Position' : `Position of ${idLabel(id)}`;
    const facts = this.#anchors.size === 0 ? {} : { facts: { anchors: Object.fromEntries(this.#anchors) } };
    return { suffix: partOf(id, ''), label, channels: [...POSITION_CHANNELS], ...facts };
  }

  #stream(
    suffix: string,
    label: string,
    channels: readonly DriverStream['channels'][number][],
    more: Partial<DriverStream> = {},
  ): StreamSink {
    const known = this.#streams.get(suffix);
    if (known !== undefined) return known;
    const sink = this.#context.stream({ suffix, label, channels: [...channels], ...more });
    this.#streams.set(suffix, sink);
    return sink;
  }
}

/** The tag on the shield has the source's name, others their id: `6012`, `6012-ranges`. */
const partOf = (id: number, part: string): string =>
  [id === 0 ? '' : idName(id), part].filter((word) => word !== '').join('-');
