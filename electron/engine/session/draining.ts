/**
 * Waits at the end of a session for what its publishers still hold: those that are connected, and those that lost their
 * connection a moment ago and are on their way back with what was not yet safe.
 */
import type { IngestConnection } from '../door/ingestConnection.ts';

/** A publisher that does not say `drained` for this long has died: what came from it is kept. */
const WITHIN_MS = 4000;
/** One that has been gone for longer does not come back: it tries again every few hundred milliseconds. */
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

  /** Publishers that were lost before a session begins owe it nothing. */
  newSession(): void {
    this.#lost.clear();
  }

  /** It has sent all that it had. */
  drained(publisher: string): void {
    this.#waiting.get(publisher)?.();
  }

  /**
   * Resolves when nothing more is to be expected.
   * @param connected the publishers at the door
   * @returns the connections of those that never said `drained`, and of those that were lost and did not come back
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

  /** @returns whether it said that it had sent everything */
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
