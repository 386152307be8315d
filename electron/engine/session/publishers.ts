/** The publishers at the door: who is connected, what they see plugged in, and what is sent to all of them. */
import { fieldroomError } from '../../common/errors.ts';
import type { FoundDevice } from '../../common/found.ts';
import type { EngineMessage } from '../../common/ingest.ts';
import type { DriverInfo } from '../../common/settingsForm.ts';
import type { Stream } from '../../common/stream.ts';
import type { IngestConnection } from '../door/ingestConnection.ts';
import type { PublisherRights } from '../sources/publisherKinds.ts';
import { Draining } from './draining.ts';

export class Publishers {
  readonly #connections = new Set<IngestConnection>();
  readonly #found = new Map<IngestConnection, readonly FoundDevice[]>();
  readonly #drivers = new Map<IngestConnection, readonly DriverInfo[]>();
  readonly #draining = new Draining();

  get connections(): ReadonlySet<IngestConnection> {
    return this.#connections;
  }

  /** What is plugged in, as all of them tell it. */
  get foundDevices(): FoundDevice[] {
    return [...this.#found.values()].flat();
  }

  /** What they can read, as each of them described it. */
  get driverInfos(): DriverInfo[] {
    return [...this.#drivers.values()].flat();
  }

  named(name: string): IngestConnection | null {
    return [...this.#connections].find(({ publisher }) => publisher === name) ?? null;
  }

  /**
   * A new connection of the same life replaces the older one, and so does one whose predecessor does not answer any more.
   * @throws FieldroomError `publisher.name-taken` when another process publishes under the name: it stays
   */
  add(connection: IngestConnection): void {
    const holder = this.named(connection.publisher);
    if (holder && holder.epoch !== connection.epoch && !holder.isGone())
      throw fieldroomError('publisher.name-taken', { name: connection.publisher });
    this.#connections.add(connection);
    holder?.replaced();
    this.#draining.attached(connection.publisher);
  }

  /** @returns true when the publisher itself is gone, and not only an older connection of it */
  remove(connection: IngestConnection): boolean {
    this.#connections.delete(connection);
    this.#found.delete(connection);
    this.#drivers.delete(connection);
    if (this.named(connection.publisher)) return false;
    this.#draining.detached(connection);
    return true;
  }

  found(connection: IngestConnection, devices: FoundDevice[]): void {
    this.#found.set(connection, devices);
  }

  drivers(connection: IngestConnection, drivers: DriverInfo[]): void {
    this.#drivers.set(connection, drivers);
  }

  /** It has sent all that it had. */
  drained(connection: IngestConnection): void {
    this.#draining.drained(connection.publisher);
  }

  /** A session begins: what was lost before it is not missing in it. */
  newSession(): void {
    this.#draining.newSession();
  }

  /**
   * Resolves when nothing more of the session that ends is to be expected from any of them.
   * @returns those that never said that they had sent everything
   */
  allDrained(): Promise<IngestConnection[]> {
    return this.#draining.all(this.#connections);
  }

  /** The streams that others than `connection` have declared. */
  streamsBeside(connection: IngestConnection): Stream[] {
    return [...this.#connections].filter((other) => other !== connection).flatMap(({ streams }) => streams);
  }

  send(message: EngineMessage): void {
    for (const connection of this.#connections) connection.send(message);
  }

  /** To those that have the right. @param except one that does not need to hear it */
  sendTo(right: keyof PublisherRights, message: EngineMessage, except?: IngestConnection): void {
    for (const connection of this.#connections)
      if (connection.kind.rights[right] && connection !== except) connection.send(message);
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
