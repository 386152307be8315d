/** The sensors' values at the current moment: requested as fast as the recorder answers, one request at a time. */
import type { ValuesAt } from '../../../electron/common/review.ts';
import { type Player, whole } from './player.ts';

export type ValueAt = ValuesAt[number];

const EVERY_MS = 80;

export class ValueFeed {
  readonly #player: Player;
  readonly #listeners = new Set<() => void>();
  readonly #ends: (() => void)[];
  #values = new Map<string, ValueAt>();
  #wantedNs: number | null = null;
  #asking = false;
  #closed = false;

  constructor(player: Player) {
    this.#player = player;
    const want = (): void => {
      this.#wantedNs = player.ns;
      if (!this.#asking) void this.#ask();
    };
    this.#ends = [player.on('time', want), player.on('session', want)];
    if (player.streams('samples').length > 0) want();
  }

  at(stream: string): ValueAt | undefined {
    return this.#values.get(stream);
  }

  on(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end();
  }

  async #ask(): Promise<void> {
    this.#asking = true;
    while (this.#wantedNs !== null && !this.#closed) {
      const atNs = whole(this.#wantedNs);
      this.#wantedNs = null;
      const startMs = performance.now();
      const answer = await this.#player.door.call('review.values', { atNs }).catch(() => null);
      if (this.#closed) return;
      if (answer) this.#values = new Map(answer.values.map((value) => [value.stream, value]));
      for (const listener of this.#listeners) listener();
      if (this.#player.playing)
        await new Promise((done) => setTimeout(done, Math.max(0, EVERY_MS - (performance.now() - startMs))));
    }
    this.#asking = false;
  }
}
