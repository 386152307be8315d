/** Bytes per second that a session actually writes, over the last minute. */
const WINDOW_MS = 60_000;
/** Until then the growth of the write-ahead log distorts the rate. */
const SHORTEST_MS = 10_000;

export class WriteRate {
  #session = '';
  #points: { atMs: number; bytes: number }[] = [];

  add(session: string, atMs: number, bytes: number): void {
    if (session !== this.#session) this.#points = [];
    this.#session = session;
    this.#points.push({ atMs, bytes });
    while (atMs - (this.#points[0]?.atMs ?? atMs) > WINDOW_MS) this.#points.shift();
  }

  /** Null until it is known. */
  get bytesPerSecond(): number | null {
    const [first, last] = [this.#points[0], this.#points.at(-1)];
    if (!first || !last || last.atMs - first.atMs < SHORTEST_MS) return null;
    return Math.max(0, ((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1000);
  }
}
