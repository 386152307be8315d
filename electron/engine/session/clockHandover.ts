/**
 * A publisher that died and came back delivers the same streams on another clock. What lies between the last thing of
 * the old life and the first of the new one is a gap with its cause, written as soon as the new clock is known.
 */
import type { PublisherClock } from '../clock/publisherClock.ts';

interface HandoverGap {
  stream: string;
  clock: string;
  fromNs: number;
  toNs: number;
  cause: string;
  lost: null;
  detail: string;
}

interface Last {
  clock: PublisherClock;
  publisherNs: number;
}

export class ClockHandover {
  readonly #record: (gap: HandoverGap) => void;
  readonly #last = new Map<string, Last>();
  readonly #open = new Map<string, { before: Last; clock: PublisherClock; firstNs: number }>();

  constructor(record: (gap: HandoverGap) => void) {
    this.#record = record;
  }

  saw(stream: string, clock: PublisherClock, publisherNs: number): void {
    const last = this.#last.get(stream);
    if (last && last.clock.id === clock.id) {
      last.clock = clock;
      if (publisherNs > last.publisherNs) last.publisherNs = publisherNs;
      return;
    }
    this.#last.set(stream, { clock, publisherNs });
    if (!last) return;
    this.#open.set(stream, { before: last, clock, firstNs: publisherNs });
    this.fitted(clock);
  }

  /** The clock has a fit: gaps that waited for it can be placed. */
  fitted(clock: PublisherClock): void {
    for (const [stream, gap] of this.#open) {
      if (gap.clock.id !== clock.id || !clock.line) continue;
      const before = gap.before.clock.toEngine(gap.before.publisherNs);
      const after = clock.toEngine(gap.firstNs);
      if (before === null || after === null) continue;
      this.#open.delete(stream);
      this.#record({
        stream,
        clock: clock.id,
        fromNs: gap.firstNs - Number(after - before),
        toNs: gap.firstNs,
        cause: 'publisher-restarted',
        lost: null,
        detail: `${gap.before.clock.id} ended`,
      });
    }
  }
}
