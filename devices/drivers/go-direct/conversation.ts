/** The handshake with a Go Direct device: one command in flight, with five seconds for its reply. */
import { type FieldroomError, fieldroomError } from '../../../electron/common/errors.ts';
import type { DriverContext } from '../../driver.ts';
import { choose } from './channels.ts';
import {
  COMMAND,
  channelsOf,
  decodeInfo,
  decodeMask,
  decodeSensor,
  decodeStatus,
  encodeCommand,
  type GoDirectInfo,
  type GoDirectSensor,
  type GoDirectStatus,
  maskOf,
  parameters,
  toOutputReport,
} from './protocol.ts';
import type { GoDirectSettings } from './settings.ts';

const REPLY_MS = 5000;
/** As in godirect-js: a period below 10 ms is never requested. */
const SHORTEST_PERIOD_US = 10_000;
const FIFO_OVERFLOW = 0x40;

/** The device's identity and the measurement it was configured for. */
export interface GoDirectPlan {
  info: GoDirectInfo;
  status: GoDirectStatus;
  sensors: GoDirectSensor[];
  periodUs: number;
}

type Context = Pick<DriverContext<GoDirectSettings>, 'link' | 'sleep' | 'log' | 'settings'>;

export class GoDirectConversation {
  readonly #context: Context;
  /** Counts down from FF and is decremented before use, as in godirect-js. */
  #counter = 0xff;
  #waiting: { command: number; counter: number; resolve: (frame: Uint8Array) => void } | null = null;
  #warned = false;

  constructor(context: Context) {
    this.#context = context;
  }

  offer(frame: Uint8Array): void {
    const waiting = this.#waiting;
    if (!waiting || frame[4] !== waiting.command) return;
    if (frame[5] !== waiting.counter && !this.#warned) {
      // Reported for some firmware: the echo is not always the command's. The command alone must suffice.
      this.#warned = true;
      this.#context.log('warn', 'The Go Direct device does not echo the counter of commands.');
    }
    waiting.resolve(frame);
  }

  /**
   * Runs the handshake up to the measurement settings, without starting to measure. @throws FieldroomError `device.no-answer`,
   * `device.no-channel`, ...
   */
  async prepare(): Promise<GoDirectPlan> {
    await this.#ask('init', COMMAND.init, parameters.init);
    const status = this.#decoded('status', decodeStatus(await this.#ask('status', COMMAND.status)));
    if ((status.flags & FIFO_OVERFLOW) !== 0)
      this.#context.log('warn', 'The Go Direct device had an overflow before it was opened.');
    const info = this.#decoded('device info', decodeInfo(await this.#ask('device info', COMMAND.info)));
    const defaults = this.#decoded(
      'default channels',
      decodeMask(await this.#ask('default channels', COMMAND.defaultMask)),
    );
    const available = this.#decoded('channels', decodeMask(await this.#ask('channels', COMMAND.availableMask)));
    const all: GoDirectSensor[] = [];
    for (const channel of channelsOf(available)) {
      all.push(
        this.#decoded(
          'sensor info',
          decodeSensor(await this.#ask('sensor info', COMMAND.sensorInfo, parameters.sensorInfo(channel))),
        ),
      );
    }
    const { settings } = this.#context;
    const sensors = choose(all, settings.channels, defaults, info.orderCode);
    this.#warnOfExclusion(sensors);
    const least = Math.max(SHORTEST_PERIOD_US, ...sensors.map((sensor) => sensor.minPeriodUs));
    const typical = Math.max(...sensors.map((sensor) => sensor.typicalPeriodUs));
    const periodUs = settings.periodMs === undefined ? Math.max(least, typical) : Math.round(settings.periodMs * 1000);
    if (periodUs < least) {
      throw fieldroomError('device.period-too-short', {
        orderCode: info.orderCode,
        periodMs: settings.periodMs,
        detail: least / 1000,
      });
    }
    return { info, status, sensors, periodUs };
  }

  async start({ sensors, periodUs }: GoDirectPlan): Promise<void> {
    await this.#ask('period', COMMAND.period, parameters.period(periodUs));
    const reply = await this.#ask(
      'start',
      COMMAND.start,
      parameters.start(maskOf(sensors.map((sensor) => sensor.channel))),
    );
    // 00 is ok (inferred from captured sessions).
    if ((reply[6] ?? 0) !== 0) throw this.#refused('start');
  }

  /** Best effort, without waiting: the link may be closing. */
  stop(): void {
    for (const [command, params] of [
      [COMMAND.stop, parameters.stop],
      [COMMAND.disconnect, []],
    ] as const) {
      this.#write(command, params).catch(() => undefined);
    }
  }

  async #ask(step: string, command: number, params: readonly number[] = []): Promise<Uint8Array> {
    const reply = new Promise<Uint8Array>((resolve) => {
      this.#waiting = { command, counter: (this.#counter + 255) % 256, resolve };
    });
    const late = this.#context.sleep(REPLY_MS).then(() => null);
    late.catch(() => undefined);
    try {
      await this.#write(command, params);
      const frame = await Promise.race([reply, late]);
      if (frame) return frame;
    } finally {
      this.#waiting = null;
    }
    throw fieldroomError('device.no-answer:go-direct', { path: this.#context.link.path, step }, { data: { step } });
  }

  async #write(command: number, params: readonly number[]): Promise<void> {
    this.#counter = (this.#counter + 255) % 256;
    await this.#context.link.write(toOutputReport(encodeCommand(this.#counter, command, params)));
  }

  #decoded<T>(step: string, value: T | null): T {
    if (value === null) throw this.#refused(step);
    return value;
  }

  #refused(step: string): FieldroomError {
    return fieldroomError('device.refused:go-direct', { path: this.#context.link.path, step }, { data: { step } });
  }

  #warnOfExclusion(sensors: readonly GoDirectSensor[]): void {
    const mask = maskOf(sensors.map((sensor) => sensor.channel));
    for (const sensor of sensors) {
      const others = mask & ~(1 << sensor.channel) & sensor.exclusionMask;
      if (others !== 0)
        this.#context.log(
          'warn',
          `"${sensor.description}" may not work together with channels ${channelsOf(others).join(', ')}.`,
        );
    }
  }
}
