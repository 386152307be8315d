/** The publishers at the door: who is connected, what they see plugged in, and what is sent to all of them. */
import type { FoundDevice } from '../../common/found.ts';
import type { EngineMessage } from '../../common/ingest.ts';
import type { Stream } from '../../common/stream.ts';
import type { IngestConnection } from '../door/ingestConnection.ts';
import { Draining } from './draining.ts';

export class Publishers {
  readonly #connections = new Set<IngestConnection>();
  readonly #found = new Map<IngestConnection, readonly FoundDevice[]>();
  readonly #draining = new Draining();

  get connections(): ReadonlySet<IngestConnection> {
    return this.#connections;
  }

  /** What is plugged in, as all of them tell it. */
  get foundDevices(): FoundDevice[] {
    return [...this.#found.values()].flat();
  }

  /** An older connection of the same publisher is closed. */
  add(connection: IngestConnection): void {
    for (const other of this.#connections) if (other.publisher === connection.publisher) other.close(1001, 'replaced');
    this.#connections.add(connection);
    this.#draining.attached(connection.publisher);
  }

  /** @returns true when the publisher itself is gone, and not only an older connection of it */
  remove(connection: IngestConnection): boolean {
    this.#connections.delete(connection);
    this.#found.delete(connection);
    if ([...this.#connections].some(({ publisher }) => publisher === connection.publisher)) return false;
    this.#draining.detached(connection.publisher);
    return true;
  }

  found(connection: IngestConnection, devices: FoundDevice[]): void {
    this.#found.set(connection, devices);
  }

  /** It has sent all that it had. */
  drained(connection: IngestConnection): void {
    this.#draining.drained(connection.publisher);
  }

  /** Resolves when nothing more of the session that ends is to be expected from any of them. */
  allDrained(): Promise<void> {
    return this.#draining.all([...this.#connections].map(({ publisher }) => publisher));
  }

  /** The streams that those with another role than `role` have declared. */
  streamsBeside(role: IngestConnection['role']): Stream[] {
    return [...this.#connections].filter((other) => other.role !== role).flatMap(({ streams }) => [...streams]);
  }

  send(message: EngineMessage): void {
    for (const connection of this.#connections) connection.send(message);
  }

  sendTo(role: IngestConnection['role'], message: EngineMessage): void {
    for (const connection of this.#connections) if (connection.role === role) connection.send(message);
  }

  /** Tells each what of its own is safe on disk now; `seq` is the last one of its stream. */
  acknowledge(acks: readonly { stream: string; seq: number }[]): void {
    for (const connection of this.#connections) {
      const own = acks.flatMap(({ stream, seq }): [number, number][] => {
        const handle = connection.handleOf(stream);
        return handle === undefined || seq < 0 ? [] : [[handle, seq]];
      });
      if (own.length > 0) connection.send({ type: 'ack', acks: own });
    }
  }

  /** Measures the clock of each once more. */
  async wave(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.clock.wave()));
  }

  /** Those that were not read from because the disk was behind are read from again. */
  release(): void {
    for (const connection of this.#connections) connection.hold(false);
  }

  close(code: number, reason: string): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }
}
