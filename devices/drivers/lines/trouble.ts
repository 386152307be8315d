/**
 * Errors shown when lines cannot be read, with the next step. A wrong baud rate is mentioned only if the bytes suggest
 * it.
 */
import type { DriverContext } from '../../driver.ts';
import type { HeldLine } from './opening.ts';
import type { LinesSettings } from './settings.ts';

/** This many consecutive unreadable lines are no coincidence. */
const AFTER_LINES = 20;

export class Trouble {
  readonly #context: DriverContext<LinesSettings>;
  #badLines = 0;
  #noted = false;

  constructor(context: DriverContext<LinesSettings>) {
    this.#context = context;
  }

  well(): void {
    this.#badLines = 0;
  }

  bad(reason: string, text: string): void {
    this.#badLines += 1;
    if (this.#badLines !== AFTER_LINES) return;
    const { link, settings } = this.#context;
    if (reason === 'no-header')
      this.#tell(
        'device.no-header',
        `${link.path} prints no header, but the kit names its columns by header.`,
        'Press the reset button of the board, or name the columns by number in Setup.',
      );
    else if (reason === 'garbage' || reason === 'too-long')
      this.#tell(
        'device.garbage',
        `What ${link.path} sends cannot be read (${reason}).`,
        `Check the baud rate (${settings.baudRate} now) against the board's sketch, then format and columns.`,
      );
    else
      this.#tell(
        'device.bad-lines',
        `${link.path} prints lines that do not fit its columns: "${text.slice(0, 80)}".`,
        'Listen to the port in Setup and confirm the columns that it shows.',
      );
  }

  /** Lines arrive, but none of them shows what the columns are. */
  noColumns(held: readonly HeldLine[]): void {
    const { link, settings } = this.#context;
    const last = held.at(-1)?.text ?? '';
    if (held.some(({ text }) => text.includes('\ufffd')))
      this.#tell(
        'device.garbage',
        `What ${link.path} sends cannot be read.`,
        `Check the baud rate (${settings.baudRate} now) against the board's sketch.`,
      );
    else
      this.#tell(
        'device.no-columns',
        `${link.path} prints text, but no numbers yet: "${last.slice(0, 80)}".`,
        'Wait for its first values, or press the reset button of the board.',
      );
  }

  #tell(code: string, message: string, nextStep: string): void {
    this.#context.trouble(code, message, nextStep);
    if (!this.#noted) this.#context.log('warn', message);
    this.#noted = true;
  }
}
