import type { Parser, Resync } from '../../parser.ts';
import { isPrintable, LineBuffer } from './lineBuffer.ts';

/** The longest known reply is `CC` with 16 ranges, 228 characters; the rest is room for additions in newer firmware. */
export const MAX_LINE_BYTES = 1024;

/**
 * One line of a Pozyx device (sensor-protocols 1.2): `data` is `D,` and hex pairs, `text` anything else that is printable.
 * The text of a real error reply is not documented (section 8), so every line without `D,` counts as one.
 */
export type PozyxFrame = { type: 'data'; bytes: Uint8Array } | { type: 'text'; text: string };

const DATA = /^D,(?:[0-9a-fA-F]{2})*$/;

/** Lines of the ASCII register protocol. There is no checksum, so the exchange also checks the length of each reply. */
export class PozyxParser implements Parser<PozyxFrame> {
  readonly #lines = new LineBuffer(MAX_LINE_BYTES);

  push(bytes: Uint8Array): (PozyxFrame | Resync)[] {
    const out: (PozyxFrame | Resync)[] = [];
    this.#lines.push(
      bytes,
      (line, wireBytes) => this.#line(line, wireBytes, out),
      (discardedBytes) => out.push({ type: 'resync', discardedBytes, reason: 'too-long' }),
    );
    return out;
  }

  reset(): void {
    this.#lines.reset();
  }

  #line(line: string, wireBytes: number, out: (PozyxFrame | Resync)[]): void {
    // `,` is not a hex digit, so a reply begins at the last `D,` of a line, whatever came before it without a line end.
    const at = line.lastIndexOf('D,');
    const reply = at > 0 ? line.slice(at) : line;
    if (at >= 0 && DATA.test(reply)) {
      if (at > 0) out.push({ type: 'resync', discardedBytes: at, reason: 'garbage' });
      out.push({ type: 'data', bytes: new Uint8Array(Buffer.from(reply.slice(2), 'hex')) });
    } else if (at === 0) {
      out.push({ type: 'resync', discardedBytes: wireBytes, reason: 'bad-hex' });
    } else if (isPrintable(line)) {
      out.push({ type: 'text', text: line });
    } else {
      out.push({ type: 'resync', discardedBytes: wireBytes, reason: 'garbage' });
    }
  }
}
