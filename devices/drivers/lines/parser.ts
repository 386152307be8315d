/** Bytes of a known kind of lines to rows. Pure; memory is bounded by one line. */
import type { Value } from '../../driver.ts';
import type { Parser, Resync } from '../../parser.ts';
import { LineSplitter } from './lineSplitter.ts';
import { type LinePlan, type LineVerdict, makeReader, type Row, type RowReader } from './rowReader.ts';

export interface RowFrame {
  type: 'row';
  values: Value[];
  /** NaN where the line has none. */
  deviceTime: number;
  counter: number;
}
/** The names of the columns were printed: at the start, and again when the device was reset. */
export interface HeaderFrame {
  type: 'header';
}
export type LinesFrame = RowFrame | HeaderFrame;

/** What a fast driver listens to; `row` is filled anew each time. */
export interface LinesSink {
  row(row: Row): void;
  header(): void;
  resync(discardedBytes: number, reason: string): void;
}

export class LinesParser implements Parser<LinesFrame> {
  readonly #splitter: LineSplitter;
  readonly #reader: RowReader;
  readonly #checked: boolean;

  constructor(plan: LinePlan, maxLineBytes = 4096) {
    this.#splitter = new LineSplitter(maxLineBytes);
    this.#reader = makeReader(plan);
    this.#checked = plan.checksum !== 'none';
  }

  /** The fast way: no object is made for a row of numbers. */
  feed(bytes: Uint8Array, sink: LinesSink): void {
    this.#splitter.push(bytes, {
      line: (line, start, end, first) => this.line(line, start, end, first, sink),
      tooLong: (size) => sink.resync(size, 'too-long'),
    });
  }

  /** One line that was cut before. `first`: perhaps only its end was heard, so it counts only if a checksum vouches for it. */
  line(bytes: Uint8Array, start: number, end: number, first: boolean, sink: LinesSink): void {
    const verdict: LineVerdict = this.#reader.read(bytes, start, end);
    if (verdict === 'note') return;
    if (verdict === 'header') sink.header();
    else if (verdict === 'row' && (!first || this.#checked)) sink.row(this.#reader.row);
    else sink.resync(end - start, first ? 'partial-first-line' : verdict);
  }

  push(bytes: Uint8Array): (LinesFrame | Resync)[] {
    const frames: (LinesFrame | Resync)[] = [];
    this.feed(bytes, {
      row: (row) =>
        frames.push({ type: 'row', values: [...row.values], deviceTime: row.deviceTime, counter: row.counter }),
      header: () => frames.push({ type: 'header' }),
      resync: (discardedBytes, reason) => frames.push({ type: 'resync', discardedBytes, reason }),
    });
    return frames;
  }

  reset(): void {
    this.#splitter.reset();
  }
}
