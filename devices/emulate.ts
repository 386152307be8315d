/**
 * Starts the emulators of a kit, so that it can be tried without hardware: a pseudo terminal for each serial source, a
 * loopback broker for MQTT, and a small server for TCP. HID sources and, without pseudo terminals, serial sources are
 * emulated inside the device host.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket as TcpSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldroomError } from '../electron/common/errors.ts';
import { isMediaSource, type Kit, type SensorSource, type Source } from '../electron/common/kit.ts';
import type { Emulator } from './driver.ts';
import { startBroker, type TestBroker } from './emulate/broker.ts';
import { openPty } from './emulate/pty.ts';
import { findRegistered } from './registry.ts';
import { EMULATOR_PATH_MARK, EMULATOR_SCHEME, parseEmulatorPath } from './transports/emulated.ts';

export interface EmulatedKit {
  /** The kit with the paths filled in: use this one for recording. */
  kit: Kit;
  /** The emulators that run in this process, by source; those inside the device host are not included. */
  emulators: ReadonlyMap<string, Emulator>;
  /** Notes for the user: `no pseudo terminals here, ...`. */
  notes: string[];
  stop(): Promise<void>;
}

export interface EmulateOptions {
  /**
   * Sources to emulate whatever their match; default: those whose `match.path` begins with `emulator:`, or all sensors
   * if none does.
   */
  sources?: readonly string[];
}

/** @throws FieldroomError `device.unknown-driver` */
export async function startEmulators(kit: Kit, options: EmulateOptions = {}): Promise<EmulatedKit> {
  const sensors = kit.sources.filter(
    (source): source is SensorSource => !isMediaSource(source) && source.kind !== 'ble',
  );
  const asked = sensors.filter((source) => source.match.path?.startsWith(EMULATOR_SCHEME));
  const chosen = new Set(options.sources ?? (asked.length > 0 ? asked : sensors).map((source) => source.id));
  const running = new Running();
  try {
    const sources: Source[] = [];
    for (const [index, source] of kit.sources.entries()) {
      const path = !isMediaSource(source) && chosen.has(source.id) ? await running.attach(source, index) : null;
      sources.push(path === null ? source : ({ ...source, match: { path } } as Source));
    }
    return { kit: { ...kit, sources }, emulators: running.emulators, notes: running.notes, stop: () => running.stop() };
  } catch (error) {
    await running.stop();
    throw error;
  }
}

class Running {
  readonly emulators = new Map<string, Emulator>();
  readonly notes: string[] = [];
  readonly #ends: (() => Promise<void>)[] = [];
  #folder: string | null = null;
  #broker: TestBroker | null = null;

  /** The path of the source's emulator. */
  async attach(source: SensorSource, index: number): Promise<string> {
    const given = source.match.path?.startsWith(EMULATOR_SCHEME) ? parseEmulatorPath(source.match.path) : null;
    const name = given?.name || source.driver;
    const inside = `${EMULATOR_SCHEME}${name}?${new URLSearchParams({ seed: String(index + 1), ...given?.parameters })}#${source.id}`;
    const make = findRegistered(name, `sources[${index}]`).emulator;
    const emulator = make({
      settings: source.settings,
      parameters: given?.parameters ?? {},
      seed: given && given.seed > 1 ? given.seed : index + 1,
    });
    switch (source.kind) {
      case 'serial':
        return (await this.#pty(source, emulator)) ?? inside;
      case 'mqtt':
        return this.#mqtt(source, emulator);
      case 'tcp':
        return this.#tcp(source, emulator);
      default:
        return inside;
    }
  }

  async stop(): Promise<void> {
    for (const emulator of this.emulators.values()) emulator.stop();
    await Promise.all(this.#ends.splice(0).map((end) => end().catch(() => undefined)));
    await this.#broker?.close();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  async #pty(source: SensorSource, emulator: Emulator): Promise<string | null> {
    this.#folder ??= await mkdtemp(join(tmpdir(), `${EMULATOR_PATH_MARK}-`));
    try {
      const pty = await openPty(join(this.#folder, source.id));
      pty.onData = (bytes) => emulator.receive(bytes);
      emulator.emit = (bytes) => void pty.write(bytes);
      this.#run(source, emulator, () => pty.close());
      return pty.path;
    } catch (error) {
      if (!(error instanceof FieldroomError)) throw error;
      this.notes.push(`${source.id}: ${error.message} Its emulator runs inside the device host.`);
      return null;
    }
  }

  async #mqtt(source: SensorSource, emulator: Emulator): Promise<string> {
    this.#broker ??= await startBroker();
    const broker = this.#broker;
    emulator.emit = (bytes, topic = 'tags') => void broker.publish(topic, bytes);
    this.#run(source, emulator, async () => undefined);
    return `${broker.url}/${EMULATOR_PATH_MARK}`;
  }

  async #tcp(source: SensorSource, emulator: Emulator): Promise<string> {
    const clients = new Set<TcpSocket>();
    const server = createServer((socket) => {
      clients.add(socket);
      socket.on('data', (bytes) => emulator.receive(bytes));
      socket.on('error', () => undefined);
      socket.on('close', () => clients.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    emulator.emit = (bytes) => {
      for (const client of clients) client.write(bytes);
    };
    this.#run(source, emulator, async () => {
      for (const client of clients) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    return `tcp://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/${EMULATOR_PATH_MARK}`;
  }

  #run(source: SensorSource, emulator: Emulator, end: () => Promise<void>): void {
    emulator.start();
    this.emulators.set(source.id, emulator);
    this.#ends.push(end);
  }
}
