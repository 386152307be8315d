/** A device host with one kind of device on a real wire, and everything recorded from it. */
import { hostClock } from '../../devices/clock.ts';
import type { Emulator } from '../../devices/driver.ts';
import { DeviceHost } from '../../devices/host/deviceHost.ts';
import { findRegistered, type Registered } from '../../devices/registry.ts';
import { type SensorSource, sourceSchema } from '../../electron/common/kit.ts';
import { waitFor } from '../fixtures/wait.ts';
import { differences } from './compare.ts';
import { Recorder } from './recorder.ts';
import type { ConformanceRow, Fault } from './rows.ts';
import { Wires } from './wires.ts';

/** The suite's silence limit, shorter than the default so that tests need not wait five seconds each. */
export const SILENT_MS = 1_000;

export class Bench implements AsyncDisposable {
  readonly recorder = new Recorder();
  readonly wires: Wires;
  readonly #row: ConformanceRow;
  readonly #host: DeviceHost;
  readonly #emulators = new Map<string, Emulator>();

  constructor(row: ConformanceRow, find: (id: string, place: string) => Registered = findRegistered) {
    this.#row = row;
    this.wires = new Wires(row);
    this.#host = new DeviceHost({
      publisher: this.recorder,
      now: hostClock().now,
      log: () => undefined,
      hid: this.wires.hid,
      listSerial: async () => ({ devices: this.wires.serialDevices(), note: null }),
      pollMs: 100,
      find: (id, place) => {
        const found = find(id, place);
        const usual = found.driver.silentAfterMs;
        const silentAfterMs = usual === Number.POSITIVE_INFINITY ? usual : SILENT_MS;
        return { ...found, driver: { ...found.driver, silentAfterMs } };
      },
    });
    this.#find = find;
    this.#host.start();
  }

  readonly #find: (id: string, place: string) => Registered;

  /** Creates a device of the row's kind, not yet plugged in. */
  emulator(serialNumber = 'S1', before: Fault[] = []): Emulator {
    const known = this.#emulators.get(serialNumber);
    if (known) return known;
    const emulator = this.#find(this.#row.driver, 'row').emulator({
      settings: this.#row.settings,
      parameters: this.#row.parameters ?? {},
      seed: this.#emulators.size + 1,
    });
    for (const fault of before) emulator.fault(fault.name, fault.argument);
    this.#emulators.set(serialNumber, emulator);
    return emulator;
  }

  async plug(serialNumber = 'S1', before: Fault[] = []): Promise<Emulator> {
    const emulator = this.emulator(serialNumber, before);
    await this.wires.plug(emulator, serialNumber);
    return emulator;
  }

  unplug(serialNumber = 'S1'): Promise<void> {
    return this.wires.unplug(serialNumber);
  }

  fault(fault: Fault, serialNumber = 'S1'): void {
    this.emulator(serialNumber).fault(fault.name, fault.argument);
  }

  async use(...sources: { id: string; match: Record<string, string> }[]): Promise<void> {
    const whole = sources.map((source) =>
      sourceSchema.parse({ ...source, kind: this.#row.kind, driver: this.#row.driver, settings: this.#row.settings }),
    );
    await this.#host.setSources(whole as SensorSource[]);
  }

  /** Waits until this many further samples are recorded. */
  async more(count = this.#row.samples ?? 20, source = 'one'): Promise<void> {
    const wanted = this.recorder.count(source) + count;
    const within = this.#row.withinMs ?? 5_000;
    await waitFor(`${wanted} samples of ${source}`, () => this.recorder.count(source) >= wanted, within).catch(
      (error: unknown) => {
        const { state, code, message } = this.recorder.state(source) ?? { state: 'none', code: '', message: '' };
        throw new Error(
          `${(error as Error).message}; there are ${this.recorder.count(source)}, state ${state} ${code} ${message}`,
        );
      },
    );
  }

  async state(state: string, source = 'one', withinMs = 6_000): Promise<void> {
    await waitFor(`${source} is ${state}`, () => this.recorder.state(source)?.state === state, withinMs).catch(() => {
      throw new Error(
        `${source} is not ${state} within ${withinMs} ms but ${JSON.stringify(this.recorder.state(source))}`,
      );
    });
  }

  /** Causes of the gaps so far, except a first line whose start was missed; read before the device is switched off. */
  causes(source = 'one'): string[] {
    const causes = this.recorder.gaps(source).map((gap) => gap.cause);
    return causes.filter((cause) => cause !== 'partial-first-line');
  }

  /** Switches the device off, lets the last bytes arrive, and compares. */
  async faults(serialNumber = 'S1', source = 'one'): Promise<string[]> {
    this.emulator(serialNumber).stop();
    await this.wires.idle();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { truth } = this.emulator(serialNumber);
    return this.recorder
      .of(source)
      .flatMap((stream) => differences(stream, stream.stream.id.slice(source.length + 1), truth));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop();
    await this.wires.close();
  }
}
