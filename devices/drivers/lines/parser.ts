/** Turns bytes of a known line layout into rows. Pure; memory is bounded by one line. */
import type { Value } from '../../driver.ts';
import type { Parser, Resync } from '../../parser.ts';
import { DelimitedReader } from './delimitedReader.ts';
import { KeyedReader } from './keyedReader.ts';
import { LineSplitter } from './lineSplitter.ts';
import type { LinePlan, LineVerdict, RowReader } from './plan.ts';

export interface RowFrame {
  type: 'row';
  values: Value[];
  /** NaN if the line has none. */
  deviceTime: number;
  counter: number;
}
/** The column names were printed: at the start, and again if the device was reset. */
export interface HeaderFrame {
  type: 'header';
}
export type LinesFrame = RowFrame | HeaderFrame;

/** @param header names that were printed earlier */
export const makeReader = (plan: LinePlan, header: readonly string[] = []): RowReader =>
  plan.format === 'delimited' ? new DelimitedReader(plan, header) : new KeyedReader(plan);

export class LinesParser implements Parser<LinesFrame> {
  readonly #splitter: LineSplitter;
  readonly #reader: RowReader;
  readonly #checked: boolean;

  constructor(plan: LinePlan, maxLineBytes = 4096) {
    this.#splitter = new LineSplitter(maxLineBytes);
    this.#reader = makeReader(plan);
    this.#checked = plan.checksum !== 'none';
  }

  push(bytes: Uint8Array): (LinesFrame | Resync)[] {
    const frames: (LinesFrame | Resync)[] = [];
    this.#splitter.push(bytes, {
      line: (line, start, end, first) => this.#line(line, start, end, first, frames),
      tooLong: (discardedBytes) => frames.push({ type: 'resync', discardedBytes, reason: 'too-long' }),
    });
    return frames;
  }

  reset(): void {
    this.#splitter.reset();
  }

  /** `first`: perhaps only its end was received, so it counts only if its checksum is right. */
  #line(bytes: Uint8Array, start: number, end: number, first: boolean, frames: (LinesFrame | Resync)[]): void {
    const verdict: LineVerdict = this.#reader.read(bytes, start, end);
    if (verdict === 'note') return;
    if (verdict === 'header') frames.push({ type: 'header' });
    else if (verdict === 'row' && (!first || this.#checked)) {
      const { row } = this.#reader;
      do frames.push({ type: 'row', values: [...row.values], deviceTime: row.deviceTime, counter: row.counter });
      while (this.#reader.next());
    } else frames.push({ type: 'resync', discardedBytes: end - start, reason: first ? 'partial-first-line' : verdict });
  }
}
