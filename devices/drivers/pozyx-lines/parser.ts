import type { Parser, Resync } from '../../parser.ts';
import { isPrintable, LineBuffer } from '../pozyx/lineBuffer.ts';
import { type LineFrame, readLine } from './lineForms.ts';

/** The longest known line is the old form with covariance and 16 ranges, about 250 characters. */
export const MAX_LINE_BYTES = 1024;

/**
 * Lines of the Arduino sketches (sensor-protocols 1.9). They have no checksum, so only lines that match a known form
 * completely count.
 */
export class PozyxLinesParser implements Parser<LineFrame> {
  readonly #lines = new LineBuffer(MAX_LINE_BYTES);
  /** The next line is the first since the link was opened, so its start may be missing. */
  #first = true;

  push(bytes: Uint8Array): (LineFrame | Resync)[] {
    const out: (LineFrame | Resync)[] = [];
    this.#lines.push(
      bytes,
      (line, wireBytes) => this.#line(line, wireBytes, out),
      (discardedBytes) => {
        this.#first = true;
        out.push({ type: 'resync', discardedBytes, reason: 'too-long' });
      },
    );
    return out;
  }

  reset(): void {
    this.#lines.reset();
    this.#first = true;
  }

  #line(line: string, wireBytes: number, out: (LineFrame | Resync)[]): void {
    const first = this.#first;
    this.#first = false;
    const frame = readLine(line);
    if (frame !== null) {
      // `456ms, 3456mm, -83dBm` may be the rest of `123456ms, ...`; forms that begin with a word cannot be confused
      // this way.
      if (first && (frame.type === 'range' || frame.type === 'orientation')) {
        out.push({ type: 'resync', discardedBytes: wireBytes, reason: 'partial-first-line' });
      } else out.push(frame);
      return;
    }
    // A position after garbage, or after a line cut short, is complete from its word on.
    const at = line.lastIndexOf('POS');
    const behind = at > 0 ? readLine(line.slice(at)) : null;
    if (behind !== null) {
      out.push({ type: 'resync', discardedBytes: at, reason: 'garbage' }, behind);
    } else if (first && !(isPrintable(line) && /[A-Za-z]{4}/.test(line))) {
      // The rest of a sample that began before the link was open; a heading would contain a word.
      out.push({ type: 'resync', discardedBytes: wireBytes, reason: 'partial-first-line' });
    } else if (!isPrintable(line)) {
      out.push({ type: 'resync', discardedBytes: wireBytes, reason: 'garbage' });
    } else if (/^(POS|ANCHOR,|x_mm|-?\d+[,m])/.test(line)) {
      // It began like data, so a sample is missing; a heading would not be a loss.
      out.push({ type: 'resync', discardedBytes: wireBytes, reason: 'bad-line' });
    } else out.push({ type: 'note', text: line });
  }
}
