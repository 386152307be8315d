/** The publishers at the door: the connections, the devices they see, and the messages sent to all of them. */
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

  /** Connected devices, as reported by all of them. */
  get foundDevices(): FoundDevice[] {
    return [...this.#found.values()].flat();
  }

  /** The drivers that each of them reported. */
  get driverInfos(): DriverInfo[] {
    return [...this.#drivers.values()].flat();
  }

  named(name: string): IngestConnection | null {
    return [...this.#connections].find(({ publisher }) => publisher === name) ?? null;
  }

  /**
   * A new connection of the same publisher process replaces the old one; so does any new connection if the old one no
   * longer answers.
   * @throws FieldroomError `publisher.name-taken` when another process already uses the name; that one stays
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

  /** It has sent all its data. */
  drained(connection: IngestConnection): void {
    this.#draining.drained(connection.publisher);
  }

  /** A session begins: earlier losses do not count in it. */
  newSession(): void {
    this.#draining.newSession();
  }

  /**
   * Resolves when no publisher is expected to send more data for the ending session.
   * @returns those that never reported that they had sent everything
   */
  allDrained(): Promise<IngestConnection[]> {
    return this.#draining.all(this.#connections);
  }

  /** The streams declared by connections other than `connection`. */
  streamsBeside(connection: IngestConnection): Stream[] {
    return [...this.#connections].filter((other) => other !== connection).flatMap(({ streams }) => streams);
  }

  send(message: EngineMessage): void {
    for (const connection of this.#connections) connection.send(message);
  }

  /** Sends to all with the right. @param except one that does not need the message */
  sendTo(right: keyof PublisherRights, message: EngineMessage, except?: IngestConnection): void {
    for (const connection of this.#connections)
      if (connection.kind.rights[right] && connection !== except) connection.send(message);
  }

  /** Acknowledges to each publisher which of its data is safe on disk; `seq` is the last safe one of the stream. */
  acknowledge(acks: readonly { stream: string; seq: number }[]): void {
    for (const connection of this.#connections) {
      const own = acks.flatMap(({ stream, seq }): [number, number][] => {
        const handle = connection.handleOf(stream);
        return handle === undefined || seq < 0 ? [] : [[handle, seq]];
      });
      if (own.length > 0) connection.send({ type: 'ack', acks: own });
    }
  }

  /** Measures each publisher's clock again. */
  async wave(): Promise<void> {
    await Promise.all([...this.#connections].map((connection) => connection.clock.wave()));
  }

  /** Resumes reading from publishers paused because the disk was behind. */
  release(): void {
    for (const connection of this.#connections) connection.hold(false);
  }

  close(code: number, reason: string): void {
    for (const connection of this.#connections) connection.close(code, reason);
  }
}
