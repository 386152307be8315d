/** Keeps lines that match no column as text, in a separate stream, so that no output of a device is lost. Bounded. */
import type { DriverContext, StreamSink } from '../../driver.ts';
import { lineText } from './text.ts';

/** A device that prints only such lines must not fill the session. */
const LINES_A_SECOND = 20;
const BURST = 200;
const MAX_CHARACTERS = 500;

export class TextKeeper {
  readonly #context: Pick<DriverContext<unknown>, 'stream'>;
  #sink: StreamSink | null = null;
  #room = BURST;
  #lastNs = 0;

  constructor(context: Pick<DriverContext<unknown>, 'stream'>) {
    this.#context = context;
  }

  /** @param reason one word: `comment`, `status`, `bad-line`, ... */
  keep(bytes: Uint8Array, start: number, end: number, reason: string, arrivedNs: number): void {
    this.#room = Math.min(BURST, this.#room + ((arrivedNs - this.#lastNs) / 1e9) * LINES_A_SECOND);
    this.#lastNs = arrivedNs;
    this.#sink ??= this.#context.stream({
      suffix: 'text',
      label: 'Lines that are not data',
      aside: true,
      channels: [
        { name: 'line', unit: '', type: 'text' },
        { name: 'reason', unit: '', type: 'text' },
      ],
      facts: { reason: 'What the device printed and no column takes' },
    });
    if (this.#room < 1) {
      this.#sink.gap('flood', 1, `More than ${LINES_A_SECOND} lines a second`, arrivedNs, arrivedNs);
      return;
    }
    this.#room -= 1;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
    const line = lineText(bytes, start, end).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
    this.#sink.sample({ values: [line.slice(0, MAX_CHARACTERS), reason], arrivedNs });
  }
}
