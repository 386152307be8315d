/** Progress and errors go to standard error, results to standard output. */
import process from 'node:process';
import { reportOf } from '../common/errors.ts';

/** One line, overwritten on a terminal; in a log a new line at most every few seconds. */
export class Progress {
  readonly #tty = process.stderr.isTTY === true;
  #lastMs = Number.NEGATIVE_INFINITY;
  #last = '';
  #open = false;

  /** Shows the current step. */
  update(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < (this.#tty ? 100 : 5000)) return;
    this.#lastMs = nowMs;
    // Unchanged: do not repeat it in a log.
    if (!this.#tty && text === this.#last) return;
    this.#last = text;
    if (this.#tty) process.stderr.write(`\r\u001b[2K${plain(text).slice(0, (process.stderr.columns ?? 80) - 1)}`);
    else process.stderr.write(`${plain(text)}\n`);
    this.#open = this.#tty;
  }

  /** Prints a line that stays. */
  say(text: string): void {
    if (this.#open) process.stderr.write('\r\u001b[2K');
    this.#open = false;
    this.#lastMs = Number.NEGATIVE_INFINITY;
    process.stderr.write(`${plain(text)}\n`);
  }
}

/** Text from devices and publishers must not control the terminal: control characters are shown as `�`. */
export const plain = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');

/** Columns aligned by their longest cell; cells that start with a digit are aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cleaned = rows.map((row) => row.map(plain));
  const widths = head.map((title, i) => Math.max(title.length, ...cleaned.map((row) => (row[i] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) =>
        /^[-+±]?\d/.test(cell) ? cell.padStart(widths[i] as number) : cell.padEnd(widths[i] as number),
      )
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '─'.repeat(width))), ...cleaned.map(line)].join('\n');
}

/** The last line of standard output with `--json`. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Prints an error and its next step, and sets the exit code. */
export function fail(error: unknown, json: boolean): void {
  const report = reportOf(error);
  // The command has already reported the interruption.
  if (report.code === 'internal' && (error as Error).name === 'AbortError') {
    process.exitCode ||= 130;
    return;
  }
  process.stderr.write(plain(`fieldroom: ${report.message}\n${report.nextStep ? `  → ${report.nextStep}\n` : ''}`));
  if (process.env.FIELDROOM_DEBUG && error instanceof Error && error.stack) process.stderr.write(`${error.stack}\n`);
  if (json) printJson({ error: report });
  // The command may have set a more specific exit code.
  process.exitCode ||= 1;
}
