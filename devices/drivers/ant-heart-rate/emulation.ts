/** Two helpers for emulators: a pulse that keeps its mean rate, and a record of what was sent. */
import type { Emulator, Value } from '../../driver.ts';

/** Calls `step` at a mean rate that timers alone would not keep; after a stall, all overdue steps run at once. */
export class Pulse {
  #timer: ReturnType<typeof setInterval> | null = null;

  start(intervalMs: number, step: () => void): void {
    this.stop();
    const startMs = performance.now();
    let done = 0;
    this.#timer = setInterval(
      () => {
        const due = Math.floor((performance.now() - startMs) / intervalMs);
        for (; done < due && this.#timer !== null; done++) step();
      },
      Math.max(2, Math.min(intervalMs, 20)),
    );
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** Samples that were sent whole, in order; the oldest are dropped beyond `keep`. */
export class TruthLog {
  readonly rows: Emulator['truth'][number][] = [];
  readonly #keep: number;

  constructor(parameters: Record<string, string>) {
    this.#keep = Number(parameters.keepTruth ?? 100_000) || 100_000;
  }

  add(stream: string, values: readonly Value[], deviceTime?: number): void {
    this.rows.push({ stream, values, ...(deviceTime === undefined ? {} : { deviceTime }) });
    if (this.rows.length > this.#keep * 1.1 + 10) this.rows.splice(0, this.rows.length - this.#keep);
  }
}
