/** A device host with one serial source on a pseudo terminal, and bytes written by the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hostClock } from '../../devices/clock.ts';
import type { DeviceInfo } from '../../devices/driver.ts';
import { openPty, type PtyEnd } from '../../devices/emulate/pty.ts';
import { DeviceHost } from '../../devices/host/deviceHost.ts';
import { findRegistered } from '../../devices/registry.ts';
import { sourceSchema } from '../../electron/common/kit.ts';
import { waitFor } from '../fixtures/wait.ts';
import { FakeHid } from './fakeHid.ts';
import { type RecordedGap, Recorder } from './recorder.ts';

const SERIAL = 'WIRE1';
/** A device prints this many bytes, then pauses. */
const CHUNK = 64;

export class WireBench implements AsyncDisposable {
  readonly recorder = new Recorder();
  readonly #host: DeviceHost;
  #folder = '';
  #pty: PtyEnd | null = null;
  #plugs = 0;

  /** @param silentAfterMs shorter limit, so that tests of slow devices need not wait */
  constructor(silentAfterMs?: number) {
    this.#host = new DeviceHost({
      publisher: this.recorder,
      now: hostClock().now,
      log: () => undefined,
      hid: new FakeHid(),
      listSerial: async () => ({ devices: this.#devices(), note: null }),
      pollMs: 50,
      find: (id, place) => {
        const found = findRegistered(id, place);
        return silentAfterMs === undefined ? found : { ...found, driver: { ...found.driver, silentAfterMs } };
      },
    });
    this.#host.start();
  }

  async use(driver: string, settings: Record<string, unknown>): Promise<void> {
    const source = sourceSchema.parse({ id: 'one', kind: 'serial', driver, match: { serialNumber: SERIAL }, settings });
    await this.plug();
    await this.#host.setSources([source]);
    await this.opened();
  }

  async plug(): Promise<void> {
    this.#folder ||= await mkdtemp(join(tmpdir(), 'fieldroom-wire-'));
    this.#plugs += 1;
    this.#pty = await openPty(join(this.#folder, `ttyACM${this.#plugs}`));
  }

  async unplug(): Promise<void> {
    await this.#pty?.close();
    this.#pty = null;
  }

  /** Waits until the host has opened the port. */
  async opened(): Promise<void> {
    await waitFor('the port is open', () => ['opening', 'streaming', 'silent'].includes(this.#state), 5_000);
    await sleep(150);
  }

  async say(bytes: Uint8Array | string): Promise<void> {
    const data = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
    for (let at = 0; at < data.length; at += CHUNK) {
      this.#pty?.write(data.subarray(at, at + CHUNK));
      await sleep(2);
    }
  }

  /** @param suffix suffix of the stream; empty: the main stream */
  rows(suffix = ''): (number | string | null)[][] {
    const kept = this.recorder.streams.get(suffix === '' ? 'one' : `one-${suffix}`);
    return kept?.samples.map(({ values }) => values.map((value) => (Number.isNaN(value) ? null : value))) ?? [];
  }

  columns(suffix = ''): string[] {
    const stream = this.recorder.streams.get(suffix === '' ? 'one' : `one-${suffix}`)?.stream;
    if (stream?.kind !== 'samples') return [];
    return stream.channels.map(({ name, unit, type }) => `${name}${unit === '' ? '' : ` [${unit}]`} ${type}`);
  }

  deviceTimes(suffix = ''): (number | null)[] {
    return this.recorder.streams.get(suffix === '' ? 'one' : `one-${suffix}`)?.samples.map((s) => s.deviceTime) ?? [];
  }

  gaps(): RecordedGap[] {
    return this.recorder.gaps('one').filter(({ cause }) => cause !== 'partial-first-line');
  }

  /** Waits until the main stream, or another one, has this many rows. @throws with what arrived instead */
  async until(count: number, suffix = ''): Promise<void> {
    await waitFor(`${count} rows`, () => this.rows(suffix).length >= count, 6_000).catch(() => {
      throw new Error(`${this.rows(suffix).length} of ${count} rows; ${JSON.stringify(this.recorder.state('one'))}`);
    });
    // Surplus rows would arrive now.
    await sleep(200);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host.stop();
    await this.unplug();
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  get #state(): string {
    return this.recorder.state('one')?.state ?? '';
  }

  #devices(): DeviceInfo[] {
    return this.#pty ? [{ kind: 'serial', path: this.#pty.path, serialNumber: SERIAL, vendorId: '2341' }] : [];
  }
}
