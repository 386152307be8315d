/** Emulators on real wires: a pty for serial, a broker for MQTT, a socket for TCP, and in place of node-hid for HID. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceInfo, Emulator } from '../../devices/driver.ts';
import { startBroker } from '../../devices/emulate/broker.ts';
import { openPty, type PtyEnd } from '../../devices/emulate/pty.ts';
import { type Chop, Chopper } from './chopper.ts';
import { FakeHid } from './fakeHid.ts';
import type { ConformanceRow } from './rows.ts';

export interface Plug {
  /** Connects the emulator to the wire and switches it on. */
  plug(emulator: Emulator, serialNumber: string): Promise<void>;
  /** Unplugs it. */
  unplug(serialNumber: string): Promise<void>;
}

export class Wires implements Plug {
  readonly hid = new FakeHid();
  chop: Chop = 'whole';
  readonly #row: ConformanceRow;
  readonly #ptys = new Map<string, { pty: PtyEnd; info: DeviceInfo; emulator: Emulator }>();
  readonly #servers = new Map<string, () => Promise<void>>();
  #folder = '';
  #port = 0;
  #plugs = 0;
  readonly #choppers: Chopper[] = [];

  constructor(row: ConformanceRow) {
    this.#row = row;
  }

  /** Devices that the system would list. */
  serialDevices(): DeviceInfo[] {
    return [...this.#ptys.values()].map(({ info }) => info);
  }

  /** The match of a source for the device with this serial number. */
  match(serialNumber: string): Record<string, string> {
    if (this.#row.kind === 'serial' || this.#row.kind === 'hid') return { serialNumber };
    return { path: `${this.#row.kind}://127.0.0.1:${this.#port}` };
  }

  async plug(emulator: Emulator, serialNumber: string): Promise<void> {
    this.#plugs += 1;
    switch (this.#row.kind) {
      case 'serial':
        return this.#plugPty(emulator, serialNumber);
      case 'hid':
        this.hid.plug(
          { kind: 'hid', path: `/dev/fake-hidraw${this.#plugs}`, serialNumber, ...this.#row.device },
          emulator,
        );
        return;
      case 'mqtt':
        return this.#plugMqtt(emulator, serialNumber);
      case 'tcp':
        return this.#plugTcp(emulator, serialNumber);
    }
  }

  async unplug(serialNumber: string): Promise<void> {
    const held = this.#ptys.get(serialNumber);
    this.#ptys.delete(serialNumber);
    held?.emulator.stop();
    await held?.pty.close();
    for (const device of await this.hid.list()) if (device.serialNumber === serialNumber) this.hid.unplug(device.path);
    await this.#servers.get(serialNumber)?.();
    this.#servers.delete(serialNumber);
  }

  async close(): Promise<void> {
    const hid = (await this.hid.list()).map((device) => device.serialNumber ?? '');
    for (const serialNumber of [...this.#ptys.keys(), ...this.#servers.keys(), ...hid]) await this.unplug(serialNumber);
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #plugPty(emulator: Emulator, serialNumber: string): Promise<void> {
    this.#folder ||= await mkdtemp(join(tmpdir(), 'fieldroom-emulator-'));
    // A new path each time: the system does not guarantee the same one.
    const pty = await openPty(join(this.#folder, `ttyACM${this.#plugs}`));
    pty.onData = (bytes) => emulator.receive(bytes);
    emulator.emit = this.#chopped((bytes) => void pty.write(bytes));
    const info: DeviceInfo = { kind: 'serial', path: pty.path, serialNumber, ...this.#row.device };
    this.#ptys.set(serialNumber, { pty, info, emulator });
    emulator.start();
  }

  async #plugMqtt(emulator: Emulator, serialNumber: string): Promise<void> {
    const broker = await startBroker(this.#port);
    this.#port = Number(new URL(broker.url).port);
    emulator.emit = (bytes, topic = 'tags') => void broker.publish(topic, bytes);
    emulator.start();
    this.#servers.set(serialNumber, async () => {
      emulator.stop();
      await broker.close();
    });
  }

  async #plugTcp(emulator: Emulator, serialNumber: string): Promise<void> {
    const clients = new Set<Socket>();
    const server = createServer({ noDelay: true }, (socket) => {
      clients.add(socket);
      socket.on('data', (bytes) => emulator.receive(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => clients.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    if (typeof address === 'object' && address) this.#port = address.port;
    emulator.emit = this.#chopped((bytes) => {
      for (const client of clients) client.write(bytes);
    });
    emulator.start();
    this.#servers.set(serialNumber, async () => {
      emulator.stop();
      for (const client of clients) client.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    });
  }

  /** Waits until everything the devices sent has been put on the wire. */
  async idle(): Promise<void> {
    while (!this.#choppers.every((chopper) => chopper.idle)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  #chopped(send: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
    const chopper = new Chopper(this.chop, send);
    this.#choppers.push(chopper);
    return (bytes) => chopper.push(bytes);
  }
}
