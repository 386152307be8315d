/**
 * A live recording with verifiable content: a simulated camera that draws its frame number, a simulated microphone, and a
 * sensor that counts, with the operator window open. Its processes can be killed by role.
 */
import process from 'node:process';
import type { EmulatedKit } from '../../../devices/emulate.ts';
import { type Appliance, startAppliance } from '../../../electron/cli/appliance.ts';
import type { ApplianceState, SessionState } from '../../../electron/common/applianceState.ts';
import type { DoorClient } from '../../../electron/common/doorClient.ts';
import { type Kit, kitSchema } from '../../../electron/common/kit.ts';
import { allStream, liveTracks, TestPlace, untilState } from '../../fixtures/appliance.ts';
import type { OwnProcess } from '../../fixtures/processTree.ts';

export const TARGETS = ['capture', 'device-host', 'engine', 'livekit', 'operator', 'main', 'all'] as const;
export type Target = (typeof TARGETS)[number];

export const FRAME_RATE = 15;
export const SENSOR_HZ = 100;
export const SIZE = { width: 320, height: 180 } as const;

const kit = (): Kit =>
  kitSchema.parse({
    name: 'Chaos',
    study: 'chaos',
    live: 'on',
    sources: [
      { id: 'camera', kind: 'camera', driver: 'simulated', settings: { ...SIZE, frameRate: FRAME_RATE } },
      { id: 'mic', kind: 'microphone', driver: 'simulated' },
      {
        id: 'light',
        kind: 'serial',
        driver: 'lines',
        match: { path: `emulator:lines?rate=${SENSOR_HZ}` },
        settings: {
          columns: [
            { name: 'count', column: 1 },
            { name: 'ms', column: 2 },
            { name: 'value', column: 3 },
          ],
        },
      },
    ],
  });

export class Classroom implements AsyncDisposable {
  readonly place = new TestPlace();
  #emulated: EmulatedKit | null = null;
  #appliance: Appliance | null = null;

  /** Starts the app with its window; resolves when every source is streaming and every process is running. */
  async open(): Promise<void> {
    this.#emulated = await this.place.emulate(kit());
    await this.start();
    await this.door.call('kit.load', { kit: this.#emulated.kit, path: null });
    await this.allThere();
  }

  /** Starts the app as a person does, including after all of it was killed. */
  async start(): Promise<void> {
    this.#appliance = await startAppliance({ dataFolder: this.place.dataFolder, hidden: false, env: this.place.env });
  }

  get door(): DoorClient {
    if (!this.#appliance) throw new Error('the app was not started');
    return this.#appliance.door;
  }

  /** Number of lines that the sensor has sent. */
  get sent(): number {
    const last = this.#emulated?.emulators.get('light')?.truth.at(-1);
    return last ? Number(last.values[0]) + 1 : 0;
  }

  processes(target: Target): OwnProcess[] {
    const all = this.place.processes();
    // Only the capture window has permission for Web Bluetooth.
    const renderers = all.filter(({ role }) => role === 'capture');
    const captures = (one: OwnProcess): boolean => one.command.includes('WebBluetooth');
    if (target === 'capture') return renderers.filter(captures);
    if (target === 'operator') return renderers.filter((one) => !captures(one));
    if (target === 'all') return all.filter(({ role }) => role !== 'other' && role !== 'cli');
    return all.filter(({ role }) => role === target);
  }

  /** Kills every process of a target at once. @returns their process ids */
  kill(target: Target): number[] {
    // The engine and main restart each other: kill both first, together.
    const first = (role: OwnProcess['role']): number => (role === 'engine' ? 0 : role === 'main' ? 1 : 2);
    const pids = this.processes(target)
      .sort((a, b) => first(a.role) - first(b.role))
      .map(({ pid }) => pid);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with a process that was killed before it.
      }
    }
    return pids;
  }

  /** Waits until every process runs exactly once, every source is streaming, and every track is live. */
  allThere(): Promise<ApplianceState> {
    return untilState(
      this.door,
      'everything runs',
      (state) =>
        allStream(state) &&
        state.live.state === 'running' &&
        liveTracks(state).length >= 2 &&
        TARGETS.every((target) => target === 'all' || this.processes(target).length === 1),
    );
  }

  async record(): Promise<SessionState> {
    const session = await this.door.call('session.start', {});
    await untilState(
      this.door,
      'every stream is safe',
      ({ sources }) => sources.length > 0 && sources.every(({ streams }) => streams.some(({ count }) => count > 5)),
    );
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.place[Symbol.asyncDispose]();
  }
}
