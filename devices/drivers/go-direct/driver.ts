/** Vernier Go Direct sensors over USB HID. See README.md. */
import { type DeviceInfo, type DriverContext, defineDriver, type StreamSink, type Value } from '../../driver.ts';
import { channelOf } from './channels.ts';
import { GoDirectConversation, type GoDirectPlan } from './conversation.ts';
import { decodeMeasurement, type Measurement } from './measurement.ts';
import { GoDirectParser, REPORT_BYTES } from './parser.ts';
import { type GoDirectSettings, goDirectSettingsSchema } from './settings.ts';

/** Streams and indices of one measurement. */
class GoDirectRecorder {
  readonly #periodic: GoDirectPlan['sensors'];
  readonly #main: StreamSink | null;
  readonly #single = new Map<number, StreamSink>();
  /** Samples of each channel so far: the device's counter. */
  readonly #index = new Map<number, number>();
  #counter: number | null = null;
  /** Whether the device's counter counts up or down: determined from the first two packets. */
  #direction: 1 | -1 | null = null;
  #packetSize = 0;
  #steady = false;
  #lastNs: number;

  constructor(context: DriverContext<GoDirectSettings>, plan: GoDirectPlan) {
    this.#lastNs = context.now();
    this.#periodic = plan.sensors.filter((sensor) => !sensor.aperiodic);
    const { info, status, periodUs } = plan;
    const facts = {
      ...info,
      firmware: status.firmware,
      batteryPercent: status.batteryPercent,
      charger: status.charger,
      periodMs: periodUs / 1000,
    };
    const deviceClock = {
      kind: 'counter' as const,
      tickNs: periodUs * 1000,
      description: 'Index of the sample since start',
    };
    const label = info.name || info.orderCode;
    const declare = (suffix: string, sensors: GoDirectPlan['sensors'], periodic: boolean): StreamSink =>
      context.stream({
        suffix,
        label,
        channels: sensors.map((sensor) => channelOf(sensor, plan.sensors)),
        ...(periodic ? { nominalRateHz: 1e6 / periodUs, deviceClock } : {}),
        facts: { ...facts, sensors: sensors.map(({ channel, description, unit }) => ({ channel, description, unit })) },
      });
    this.#main = this.#periodic.length > 0 ? declare('', this.#periodic, true) : null;
    for (const sensor of plan.sensors)
      if (sensor.aperiodic) this.#single.set(sensor.channel, declare(`ch${sensor.channel}`, [sensor], false));
  }

  measurement(frame: Uint8Array, arrivedNs: number): void {
    const decoded = decodeMeasurement(frame);
    if (!decoded) {
      this.gap('unreadable', null, 'A packet of unknown layout', arrivedNs);
      return;
    }
    this.#count(decoded.counter, arrivedNs);
    if (decoded.type === 'dropped') this.gap('device-dropped', null, 'The device says that it lost data', arrivedNs);
    else if (decoded.type === 'samples') this.#samples(decoded, arrivedNs);
    this.#lastNs = arrivedNs;
  }

  gap(cause: string, lost: number | null, detail: string, arrivedNs: number): void {
    for (const sink of [this.#main, ...this.#single.values()]) sink?.gap(cause, lost, detail, this.#lastNs, arrivedNs);
  }

  /** A step of more than one in the packet counter means a lost packet (inferred, section 3.3). */
  #count(counter: number, arrivedNs: number): void {
    const last = this.#counter;
    this.#counter = counter;
    if (last === null) return;
    const up = (counter - last + 256) % 256;
    this.#direction ??= up === 255 ? -1 : 1;
    const packets = (this.#direction === 1 ? up : (256 - up) % 256) - 1;
    if (packets <= 0) return;
    // The loss is counted in samples only while all packets had the same size; the index continues as if they all had.
    const samples = packets * this.#packetSize;
    for (const sensor of this.#periodic)
      this.#index.set(sensor.channel, (this.#index.get(sensor.channel) ?? 0) + samples);
    this.gap('lost-packet', this.#steady && samples > 0 ? samples : null, `${packets} packets are missing`, arrivedNs);
  }

  #samples({ channels, samples }: Measurement, arrivedNs: number): void {
    const [first] = channels as [number];
    const single = channels.length === 1 ? this.#single.get(first) : undefined;
    if (single) {
      for (const values of samples) single.sample({ values, arrivedNs });
      return;
    }
    this.#steady = this.#packetSize === 0 || this.#packetSize === samples.length;
    this.#packetSize = samples.length;
    for (const row of samples) {
      const values: Value[] = this.#periodic.map(({ channel }) => row[channels.indexOf(channel)] ?? null);
      // All samples of a packet share its arrival time; the index gives their order, and no per-sample time is
      // invented.
      let deviceTime = 0;
      for (const channel of channels) {
        deviceTime = this.#index.get(channel) ?? 0;
        this.#index.set(channel, deviceTime + 1);
      }
      this.#main?.sample({ values, arrivedNs, deviceTime });
    }
  }
}

async function run(context: DriverContext<GoDirectSettings>): Promise<void> {
  const { link } = context;
  const parser = new GoDirectParser();
  const conversation = new GoDirectConversation(context);
  let recorder: GoDirectRecorder | null = null;
  link.onData = (report, arrivedNs) => {
    if (report.length !== REPORT_BYTES) {
      recorder?.gap('garbage', null, `A report of ${report.length} bytes`, arrivedNs);
      return;
    }
    for (const frame of parser.push(report)) {
      if (frame.type === 'resync') {
        recorder?.gap(frame.reason, null, `${frame.discardedBytes} bytes discarded`, arrivedNs);
      } else if (frame.type === 'reply') conversation.offer(frame.bytes);
      else recorder?.measurement(frame.bytes, arrivedNs);
    }
  };
  // Sent immediately: the host closes the link right after the abort.
  context.signal.addEventListener('abort', () => conversation.stop(), { once: true });
  const gone = link.closed.then((error) => {
    if (error) throw error;
  });
  gone.catch(() => undefined);
  const talk = async (): Promise<void> => {
    const plan = await conversation.prepare();
    // Before the start command: the first packet may arrive with the reply.
    recorder = new GoDirectRecorder(context, plan);
    await conversation.start(plan);
    await gone;
  };
  try {
    await Promise.race([gone, talk()]);
  } catch (error) {
    if (!context.signal.aborted) throw error;
  } finally {
    if (!context.signal.aborted) conversation.stop();
    link.onData = null;
  }
}

export const goDirectDriver = defineDriver<GoDirectSettings>({
  id: 'go-direct',
  title: 'Vernier Go Direct',
  kinds: ['hid'],
  settings: goDirectSettingsSchema,
  fits: (device: DeviceInfo) =>
    device.kind === 'hid' && device.vendorId === '08f7' && device.productId === '0010' ? 3 : 0,
  silentAfterMs: 12_000,
  run,
});
