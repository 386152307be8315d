/**
 * Turns the output of a source that prints lines into rows, from its first byte: detects the columns, keeps them, and
 * loses no line.
 */
import type { Channel, DeviceClock } from '../../../electron/common/stream.ts';
import type { DriverContext, Sample, StreamSink } from '../../driver.ts';
import { guessColumns, type LinesGuess, makePlan, planOf } from './guess.ts';
import { KeyedReader } from './keyedReader.ts';
import { type Layout, Layouts, namesOf } from './layouts.ts';
import { LineSplitter } from './lineSplitter.ts';
import { isBoot, isNoise } from './noise.ts';
import { type HeldLine, isHeaderLike, isSettled, isVouched } from './opening.ts';
import type { LinePlan, LineVerdict, Row } from './plan.ts';
import type { LinesSettings } from './settings.ts';
import { fieldsOf } from './splitFields.ts';
import { Strays } from './strays.ts';
import { lineText } from './text.ts';
import { TextKeeper } from './textKeeper.ts';
import { Trouble } from './trouble.ts';

/** Lines are held this long before the columns are guessed from fewer lines than would be certain. */
const GUESS_AFTER_NS = 1_500_000_000;
/** A board that prints this rarely is accepted from its first line. */
const GUESS_FROM_ONE_AFTER_NS = 20_000_000_000;
const MAX_HELD = 256;
/** A header with other names counts only where a program starts: in the first lines, or after boot messages. */
const BEGINNING_LINES = 20;

/** Layouts outlive the link: a board that prints its header once and whose cable was unplugged keeps its stream. */
const layoutsBySource = new WeakMap<object, Layouts>();

export class Conversation {
  readonly #context: DriverContext<LinesSettings>;
  readonly #layouts: Layouts;
  readonly #splitter: LineSplitter;
  readonly #text: TextKeeper;
  readonly #strays: Strays;
  readonly #trouble: Trouble;
  readonly #sinks = new Map<Layout, StreamSink>();
  /** Null once the layout is known. */
  #held: HeldLine[] | null = [];
  readonly #sample: Sample & { deviceTime?: number } = { values: [], arrivedNs: 0 };
  #arrivedNs = 0;
  #lines = 0;
  #beginning = true;
  /** A header with other names arrived: the held lines are its rows. */
  #relearns = false;
  readonly #cut: Parameters<LineSplitter['push']>[1];

  constructor(context: DriverContext<LinesSettings>) {
    this.#context = context;
    const { settings, source } = context;
    this.#layouts = layoutsBySource.get(source) ?? new Layouts(settings);
    layoutsBySource.set(source, this.#layouts);
    this.#splitter = new LineSplitter(settings.maxLineBytes);
    this.#text = new TextKeeper(context);
    this.#strays = new Strays(this.#layouts, settings);
    this.#trouble = new Trouble(context);
    this.#cut = {
      line: (bytes, start, end, first) => this.#line(bytes, start, end, first),
      tooLong: (size) => this.#lost(size, 'too-long', null),
    };
    if (this.#layouts.all.length === 0 && settings.format !== 'auto' && settings.columns !== undefined)
      this.#layouts.add(planOf(settings, null), [], '');
    // If the columns are known, the stream is announced immediately, and so are its gaps.
    for (const layout of this.#layouts.all) this.#sink(layout);
  }

  read(bytes: Uint8Array, arrivedNs: number): void {
    this.#arrivedNs = arrivedNs;
    this.#splitter.push(bytes, this.#cut);
  }

  /** Guesses from the available lines when no more arrive. */
  tick(): void {
    const first = this.#held?.[0];
    if (!first) return;
    const waitedNs = this.#context.now() - first.arrivedNs;
    if (waitedNs < GUESS_AFTER_NS) return;
    if (!this.#settle(waitedNs > GUESS_FROM_ONE_AFTER_NS ? 1 : 2)) this.#trouble.noColumns(this.#held as HeldLine[]);
  }

  /** The link is gone: no more lines will follow those that are held. */
  end(): void {
    if (this.#held && this.#held.length > 0 && !this.#settle(1)) this.#keepHeld(this.#held.length);
    for (const { line, arrivedNs } of this.#strays.unnamed())
      this.#text.keep(line, 0, line.length, 'other-key', arrivedNs);
  }

  #line(bytes: Uint8Array, start: number, end: number, first: boolean): void {
    this.#lines += 1;
    if (this.#held === null) {
      this.#take(bytes, start, end);
      return;
    }
    if (first && this.#context.settings.checksum !== 'none' && this.#layouts.current) {
      this.#held = null;
      this.#take(bytes, start, end);
      return;
    }
    this.#hold(this.#held, bytes, start, end, first);
    if (this.#settle(this.#relearns ? 2 : 4)) return;
    if (this.#held.length < MAX_HELD || this.#settle(2)) return;
    this.#trouble.noColumns(this.#held);
    this.#keepHeld(MAX_HELD / 2);
  }

  #hold(held: HeldLine[], bytes: Uint8Array, start: number, end: number, first: boolean): void {
    const line = bytes.slice(start, end);
    held.push({ line, text: lineText(line, 0, line.length), arrivedNs: this.#arrivedNs, first });
  }

  /** @param rows enough rows to determine the columns. @returns true if lines are read from now on */
  #settle(rows: number): boolean {
    const held = this.#held as HeldLine[];
    const { settings } = this.#context;
    const relearns = this.#relearns;
    if (this.#layouts.current && !relearns) {
      // Three lines show whether the first of them is complete.
      if (held.length < 3 && rows >= 4) return false;
    } else {
      const [head, ...rest] = held;
      const texts = held.map(({ text }) => text);
      const window = head?.first && !isHeaderLike(head.text, rest[0]?.text) ? ['', ...texts.slice(1)] : texts;
      if (settings.columns && !relearns) {
        const plan =
          window.filter((text) => text !== '').length >= Math.min(rows, 3) ? makePlan(settings, window) : null;
        if (!plan) return false;
        this.#layouts.add(plan, [], '');
      } else {
        const guess = guessColumns(this.#unchecked(window), settings.format, settings.delimiter);
        if (!guess || !isSettled(guess, window, rows)) return false;
        this.#open(guess, 'The device printed another header.');
      }
    }
    this.#held = null;
    this.#relearns = false;
    const nowNs = this.#arrivedNs;
    this.#replay(held);
    this.#arrivedNs = nowNs;
    return true;
  }

  #replay(held: readonly HeldLine[]): void {
    const [first] = held;
    const plan = this.#layouts.current?.plan as LinePlan;
    held.forEach(({ line, arrivedNs, text }, i) => {
      this.#arrivedNs = arrivedNs;
      const texts = held.slice(0, 3).map((one) => one.text);
      if (this.#held) this.#hold(this.#held, line, 0, line.length, false);
      else if (
        i > 0 ||
        !first?.first ||
        isVouched(plan, texts) ||
        this.#isWholeHeader(line, text, texts[1]) ||
        isNoise(text)
      )
        this.#take(line, 0, line.length);
      else if (!text.startsWith('#')) this.#lost(line.length, 'partial-first-line', null);
    });
  }

  /** The end of the known header is not a header itself. */
  #isWholeHeader(line: Uint8Array, text: string, second: string | undefined): boolean {
    if (!isHeaderLike(text, second)) return false;
    const layout = this.#layouts.current as Layout;
    const known = namesOf(layout).split('\n').join(layout.plan.delimiter);
    if (known !== text && known.endsWith(text)) return false;
    return /header$/.test(layout.reader.read(line, 0, line.length));
  }

  #unchecked(texts: string[]): string[] {
    return this.#context.settings.checksum === 'none'
      ? texts
      : texts.map((text) => text.replace(/[,;*\s][0-9A-Fa-f]{2}\s*$/, ''));
  }

  /** Makes the guessed layout the current one. */
  #open(guess: LinesGuess, reason: string): Layout {
    const { settings } = this.#context;
    const known = this.#layouts.find(guess, settings);
    const layout = known ?? this.#layouts.add(planOf(settings, guess), guess.names, reason);
    this.#layouts.current = layout;
    if (this.#layouts.all.length === 1) this.#context.learned?.(settingsOf(guess));
    this.#sink(layout);
    return layout;
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const layout = this.#layouts.current as Layout;
    const verdict = layout.reader.read(bytes, start, end);
    if (verdict === 'row') {
      this.#rows(layout, bytes, start, end);
      return;
    }
    for (const other of this.#layouts.all)
      if (this.#layouts.isBeside(other) && other.reader.read(bytes, start, end) === 'row') {
        this.#rows(other, bytes, start, end);
        return;
      }
    this.#notRow(layout, verdict, bytes, start, end);
  }

  #rows(layout: Layout, bytes: Uint8Array, start: number, end: number): void {
    const { reader } = layout;
    const { odd } = reader.row;
    do this.#row(layout, reader.row);
    while (reader.next());
    this.#trouble.well();
    if (odd > 0) {
      this.#sink(layout).gap(
        'bad-field',
        null,
        `${odd} fields of a line could not be read`,
        undefined,
        this.#arrivedNs,
      );
      this.#text.keep(bytes, start, end, 'bad-field', this.#arrivedNs);
    }
    if (!(reader instanceof KeyedReader)) return;
    if (reader.rest !== '' && odd === 0) this.#text.keep(bytes, start, end, 'no-key', this.#arrivedNs);
    if (reader.unknown.length > 0) this.#unknown(layout, reader, bytes, start, end);
  }

  /** Names that appear after the columns were found get their own stream; the first stream keeps its columns. */
  #unknown(layout: Layout, reader: KeyedReader, bytes: Uint8Array, start: number, end: number): void {
    for (const other of this.#layouts.all)
      if (
        other !== layout &&
        other.plan.format === layout.plan.format &&
        other.reader.read(bytes, start, end) === 'row'
      )
        do this.#row(other, other.reader.row);
        while (other.reader.next());
    const names = new Map(reader.unknown);
    const missing = this.#layouts.unknownKeys(names.keys(), layout.plan.format);
    if (missing.length === 0) return;
    const found = this.#strays.named(
      { line: bytes.slice(start, end), arrivedNs: this.#arrivedNs },
      new Map(missing.map((key) => [key, names.get(key) as NonNullable<ReturnType<typeof names.get>>])),
      layout.plan,
    );
    if (!found) return;
    const added = this.#layouts.add(found.plan, [], 'The device began to print further values.');
    this.#emit(added, found.lines);
  }

  #emit(layout: Layout, lines: readonly { line: Uint8Array; arrivedNs: number }[]): void {
    const nowNs = this.#arrivedNs;
    for (const { line, arrivedNs } of lines) {
      this.#arrivedNs = arrivedNs;
      if (layout.reader.read(line, 0, line.length) === 'row') this.#row(layout, layout.reader.row);
    }
    this.#arrivedNs = nowNs;
  }

  #row(layout: Layout, row: Row): void {
    const arrivedNs = this.#arrivedNs;
    const { settings } = this.#context;
    const sink = this.#sink(layout);
    const sample = this.#sample;
    sample.values = row.values;
    sample.arrivedNs = arrivedNs;
    delete sample.deviceTime;
    if (layout.suffix === '' && (this.#layouts.time || this.#layouts.counter)) {
      this.#steps(sink, row);
      sample.deviceTime = (settings.deviceTime ? this.#layouts.time : this.#layouts.counter)?.value as number;
    } else if (layout.plan.ownTime && !Number.isNaN(row.deviceTime)) sample.deviceTime = row.deviceTime;
    sink.sample(sample);
    this.#layouts.lastNs = arrivedNs;
  }

  /** What the device's counter and clock say about lines that never arrived. */
  #steps(sink: StreamSink, row: Row): void {
    const { time, counter, lastNs } = this.#layouts;
    const fromNs = lastNs ?? this.#arrivedNs;
    const count = counter ? counter.next(row.counter) : null;
    const clock = time ? time.next(row.deviceTime) : null;
    if (count?.restarted || clock?.restarted) {
      // One restart, seen in one or both of these columns.
      counter?.restart(row.counter);
      time?.restart(row.deviceTime);
      sink.gap('device-restart', null, 'The device started again', fromNs, this.#arrivedNs);
    } else if (count && count.step > 1) {
      const detail = `The device's counter jumped by ${count.step}`;
      sink.gap('device-skipped', count.step - 1, detail, fromNs, this.#arrivedNs);
    }
  }

  #notRow(layout: Layout, verdict: LineVerdict, bytes: Uint8Array, start: number, end: number): void {
    const text = lineText(bytes, start, end);
    if (isBoot(text)) {
      this.#beginning = true;
      this.#lines = 0;
    }
    if (verdict === 'note' || (verdict !== 'header' && isNoise(text))) {
      if (text.trim() !== '')
        this.#text.keep(bytes, start, end, verdict === 'note' ? 'comment' : 'status', this.#arrivedNs);
      return;
    }
    if (verdict === 'header') {
      this.#header(layout);
      return;
    }
    if (verdict === 'other-header' && this.#beginning && this.#lines <= BEGINNING_LINES) {
      if (this.#layouts.isFirstHeader(layout, text)) {
        // Its columns have generic names and keep them; the header is stored beside them.
        this.#header(layout);
        this.#text.keep(bytes, start, end, 'header', this.#arrivedNs);
        return;
      }
      // A different program: its rows wait until their columns are known.
      this.#held = [];
      this.#hold(this.#held, bytes, start, end, false);
      this.#relearns = true;
      this.#beginning = false;
      return;
    }
    const reason = verdict === 'other-header' ? 'bad-line' : verdict;
    const isRow = isRowLike(layout.plan, text);
    // Words before the first row are a greeting.
    if (isRow || this.#layouts.lastNs !== null || reason !== 'bad-line')
      this.#lost(end - start, reason, isRow ? 1 : null, text);
    if (reason === 'garbage' || reason === 'checksum') return;
    this.#text.keep(bytes, start, end, reason, this.#arrivedNs);
    this.#stray(bytes, start, end, text);
  }

  /** Lines of another kind that keep arriving get their own stream. */
  #stray(bytes: Uint8Array, start: number, end: number, text: string): void {
    const found = this.#strays.line({ line: bytes.slice(start, end), arrivedNs: this.#arrivedNs }, text);
    if (!found) return;
    const { settings } = this.#context;
    const added = this.#layouts.add(
      planOf(settings, found.guess),
      found.guess.names,
      'The device prints a second kind of lines.',
    );
    this.#emit(added, found.lines);
  }

  #header(layout: Layout): void {
    if (this.#layouts.lastNs !== null && this.#lines > 1)
      this.#sink(layout).gap(
        'device-restart',
        null,
        'The device printed its header again',
        this.#layouts.lastNs,
        this.#arrivedNs,
      );
    this.#layouts.counter?.forget();
    this.#layouts.time?.forget();
  }

  #lost(discardedBytes: number, reason: string, lost: number | null, text = ''): void {
    const { current, lastNs, counter } = this.#layouts;
    const fromNs = lastNs ?? this.#arrivedNs;
    // If there is a counter, its jump gives the number.
    const known = counter ? null : lost;
    if (current) this.#sink(current).gap(reason, known, `${discardedBytes} bytes discarded`, fromNs, this.#arrivedNs);
    else this.#context.log('info', `${discardedBytes} bytes discarded before the columns were known (${reason})`);
    if (reason !== 'partial-first-line') this.#trouble.bad(reason, text);
  }

  #keepHeld(count: number): void {
    for (const { line, arrivedNs } of (this.#held as HeldLine[]).splice(0, count))
      this.#text.keep(line, 0, line.length, 'no-columns', arrivedNs);
  }

  #sink(layout: Layout): StreamSink {
    const known = this.#sinks.get(layout);
    if (known) return known;
    const { settings } = this.#context;
    const { plan, suffix, reason } = layout;
    const clock = suffix === '' ? deviceClock(settings, plan) : plan.ownTime ? TELEPLOT_CLOCK : null;
    const names = namesOf(layout);
    const sink = this.#context.stream({
      suffix,
      ...(reason === ''
        ? {}
        : { label: `${this.#context.source.label || this.#context.source.id}: ${reason}`.slice(0, 200) }),
      channels: plan.columns.map(
        ({ name, unit, type, label }): Channel => ({ name, unit, type, ...(label === undefined ? {} : { label }) }),
      ),
      ...(settings.nominalRateHz === undefined ? {} : { nominalRateHz: settings.nominalRateHz }),
      ...(clock ? { deviceClock: clock } : {}),
      facts: {
        format: plan.format,
        delimiter: plan.delimiter,
        guessed: settings.columns === undefined,
        ...(names === '' ? {} : { header: names.split('\n') }),
        ...(reason === '' ? {} : { reason }),
      },
    });
    this.#sinks.set(layout, sink);
    return sink;
  }
}

const TELEPLOT_CLOCK: DeviceClock = { kind: 'clock', tickNs: 1e6, description: 'time of each line, in ms' };

function deviceClock(settings: LinesSettings, plan: LinePlan): DeviceClock | null {
  if (settings.deviceTime)
    return { kind: 'clock', tickNs: settings.deviceTime.tickNs, description: `column ${settings.deviceTime.column}` };
  if (settings.counter !== undefined)
    return { kind: 'counter', tickNs: 1e9 / (settings.nominalRateHz ?? 1), description: 'counts samples' };
  return plan.ownTime ? TELEPLOT_CLOCK : null;
}

/** A line that should have been a row counts as one lost sample; a text message does not. */
function isRowLike(plan: LinePlan, text: string): boolean {
  if (plan.format !== 'delimited') return plan.format !== 'key-value' || /[:=]\s*\S/.test(text);
  const fields = fieldsOf(text, plan.delimiter);
  // A different number of fields means a different kind of line.
  if (plan.width !== null && plan.width > 1) return fields.length === plan.width && /\d/.test(text);
  const most = Math.max(
    ...plan.columns.map((column, i) => (typeof column.column === 'number' ? column.column : i + 1)),
  );
  return fields.length >= most || fields.filter((field) => /\d/.test(field)).length * 2 > most;
}

/** Settings for a kit with which these columns are read again, whatever arrives first. */
function settingsOf({ format, delimiter, decimal, columns }: LinesGuess): Record<string, unknown> {
  const usual = { csv: ',', tsv: '\t', semicolon: ';', whitespace: ' ' }[format as string] ?? ',';
  return {
    format,
    ...(delimiter === usual ? {} : { delimiter }),
    ...(decimal === null ? {} : { decimal }),
    columns,
  };
}
