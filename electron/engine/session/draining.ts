/**
 * Waits at the end of a session for its publishers' remaining data: from connected publishers, and from those that just
 * lost their connection and will return with data that was not yet safe.
 */
import type { IngestConnection } from '../door/ingestConnection.ts';

/** A publisher that has not sent `drained` for this long has died; its data so far is kept. */
const WITHIN_MS = 4000;
/** A publisher gone for longer will not return: publishers reconnect every few hundred milliseconds. */
const GONE_MS = 5000;

export class Draining<C extends Pick<IngestConnection, 'publisher'> = IngestConnection> {
  /** The last connection of each publisher that is gone, and when it was lost (milliseconds of `performance.now()`). */
  readonly #lost = new Map<string, { connection: C; atMs: number }>();
  readonly #waiting = new Map<string, () => void>();

  attached(publisher: string): void {
    this.#lost.delete(publisher);
  }

  detached(connection: C, nowMs = performance.now()): void {
    this.#lost.set(connection.publisher, { connection, atMs: nowMs });
  }

  /** Publishers lost before a session began have no data for it. */
  newSession(): void {
    this.#lost.clear();
  }

  /** It has sent all its data. */
  drained(publisher: string): void {
    this.#waiting.get(publisher)?.();
  }

  /**
   * Resolves when no more data is expected.
   * @param connected the publishers at the door
   * @returns the connections that never sent `drained`, and those that were lost and did not come back
   */
  async all(connected: Iterable<C>, nowMs = performance.now()): Promise<C[]> {
    const expected = new Map<string, C>([...connected].map((connection) => [connection.publisher, connection]));
    for (const [name, { connection, atMs }] of this.#lost)
      if (nowMs - atMs < GONE_MS && !expected.has(name)) expected.set(name, connection);
    const late = new Map<string, C>([...this.#lost].map(([name, { connection }]) => [name, connection]));
    await Promise.all(
      [...expected].map(async ([name, connection]) => {
        if (await this.#wait(name)) late.delete(name);
        else late.set(name, connection);
      }),
    );
    return [...late.values()];
  }

  /** @returns whether it reported that it had sent everything */
  #wait(publisher: string): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (drained: boolean): void => {
        clearTimeout(timer);
        this.#waiting.delete(publisher);
        resolve(drained);
      };
      const timer = setTimeout(() => done(false), WITHIN_MS);
      this.#waiting.set(publisher, () => done(true));
    });
  }
}
