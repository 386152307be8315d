/**
 * What a driver is. One folder under `devices/drivers/NAME/` holds `parser.ts` (bytes to frames), `driver.ts` (this
 * interface), `emulator.ts` (the other end of the wire), tests and a README. The device host finds the device, opens the
 * link, runs the driver and, when it ends or fails, opens the link anew with back-off.
 */
import type { z } from 'zod';
import type { SensorSource } from '../electron/common/kit.ts';
import type { Channel, DeviceClock } from '../electron/common/stream.ts';

/** An open wire. Only transports know what is behind it: a serial port, HID, MQTT, TCP, UDP or an emulator. */
export interface Link {
  /** The path or address that was opened, for messages. */
  readonly path: string;
  /**
   * Bytes of one read (or one HID report, one MQTT message, one UDP datagram) with the publisher time of their arrival.
   * One listener; bytes that arrive before it is set are kept (bounded).
   */
  onData: ((bytes: Uint8Array, arrivedNs: number, topic?: string) => void) | null;
  /** Resolves when the bytes were handed to the system. @throws FieldroomError `device.lost` after an unplug. */
  write(bytes: Uint8Array): Promise<void>;
  /** Settles when the link is gone: a FieldroomError says why (`device.lost`), undefined after `close()`. */
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}

export type Value = number | string | boolean | null;

export interface Sample {
  /** In the order of the stream's channels; null or NaN: no value. */
  values: readonly Value[];
  /** Publisher time of arrival of the read that completed it. */
  arrivedNs: number;
  /** The device's own clock or counter in its ticks, unwrapped (never decreasing but after a restart). */
  deviceTime?: number;
}

export interface DriverStream {
  /** Empty for the source's main stream, else appended to its id: source `hr`, suffix `25170` gives stream `hr-25170`. */
  suffix: string;
  label?: string;
  channels: Channel[];
  nominalRateHz?: number;
  deviceClock?: DeviceClock;
  participant?: string;
  /** It tells of the device and is not what it measures (lines of text): it makes a silent device no livelier. */
  aside?: true;
  /** Firmware, serial number, settings really in force. */
  facts?: Record<string, unknown>;
}

/** A stream as the driver sees it. */
export interface StreamSink {
  /** What is handed in is copied at once: a fast driver may hand in the same object and array again and again. */
  sample(sample: Sample): void;
  /** Something is missing between two publisher times (null: from the last sample, or until now). */
  gap(cause: string, lost: number | null, detail?: string, fromNs?: number, toNs?: number): void;
}

export interface DriverContext<Settings> {
  source: SensorSource;
  settings: Settings;
  link: Link;
  /** What the system knows of the device behind the link; null where it was only named by a path or address. */
  device: DeviceInfo | null;
  /** The publisher's clock, whole nanoseconds. */
  now(): number;
  /** Announces a stream, or finds it again after a reconnect. Cheap to call again. */
  stream(declaration: DriverStream): StreamSink;
  /** Told to people at once: the source's state becomes `error` with this sentence until `clear()` or the next sample. */
  trouble(code: string, message: string, nextStep: string): void;
  clear(): void;
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** The driver found out by itself what a kit may as well say: settings that make it read the same again. */
  learned?: (settings: Record<string, unknown>) => void;
  /** Aborted when the source is closed. `sleep` rejects then. */
  signal: AbortSignal;
  sleep(ms: number): Promise<void>;
}

/** What is known of something that is plugged in. */
export interface DeviceInfo {
  kind: 'serial' | 'hid';
  path: string;
  serialNumber?: string;
  /** Four lower-case hex digits. */
  vendorId?: string;
  productId?: string;
  manufacturer?: string;
  product?: string;
  /** The socket that it is plugged into, the same after each replug and restart; absent where the system does not tell. */
  place?: string;
}

export interface Driver<Settings = unknown> {
  /** The name in a kit. */
  id: string;
  /** As a technician calls the device: `Pozyx tag`. */
  title: string;
  kinds: readonly SensorSource['kind'][];
  /**
   * Checked by it, and drawn from it: Setup makes a form of it (`describe.ts`). `.meta()` gives a field its title, description
   * and unit; `advanced` hides it behind "More", `secret` masks it.
   */
  settings: z.ZodType<Settings>;
  /** Serial parameters; a kit's settings may override them where the driver's schema has them. */
  serial?: { baudRate: number; lowLatency?: boolean };
  /** It says nothing to the device: it may be tried on any port to see whether it understands what comes. */
  onlyListens?: true;
  /** Whether a stream that it read could be of its device; asked where nobody knows what hangs on a port. Absent: always. */
  plausible?: (stream: { suffix: string; rateHz: number; last: readonly Value[] }) => boolean;
  /** MQTT topics to subscribe, from the settings. */
  topics?: (settings: Settings) => string[];
  /** How likely `device` is one of these: 0 no, 1 could be (a chip that many use), 2 by vendor and product, 3 surely. */
  fits(device: DeviceInfo): 0 | 1 | 2 | 3;
  /** A link that delivers nothing for this long is `silent`; default 5000. */
  silentAfterMs?: number;
  /** Talks to the device until the link closes or `signal` aborts. @throws FieldroomError `device.*` when it cannot go on. */
  run(context: DriverContext<Settings>): Promise<void>;
}

/** The other end of the wire, byte for byte. It is attached to a pty, to TCP, to a broker or in process. */
export interface Emulator {
  /** Bytes (a report, a message) from the device to the host. Set by whoever attaches it. */
  emit: (bytes: Uint8Array, topic?: string) => void;
  /** Bytes that the host wrote. */
  receive(bytes: Uint8Array): void;
  /** Power on, power off. */
  start(): void;
  stop(): void;
  /** Named faults of the script: `corrupt-checksum`, `split`, `silent`, `garbage`, `wrong-device`, ... @throws on an unknown one */
  fault(name: string, argument?: number): void;
  /** The truth: every sample that was sent whole and uncorrupted, in order, in the driver's values. Bounded by `keepTruth`. */
  readonly truth: { stream: string; values: readonly Value[]; deviceTime?: number }[];
}

export interface EmulatorOptions {
  /** The kit's settings of the source, not yet checked: an emulator takes from them what it needs to talk alike. */
  settings: Record<string, unknown>;
  /** What stands behind `?` in `emulator:NAME?rate=100&seed=2`. */
  parameters: Record<string, string>;
  /** Different for each emulator of a kit: serial numbers, phases and noise come from it. */
  seed: number;
}
export type EmulatorFactory = (options: EmulatorOptions) => Emulator;

/** A driver whose settings nobody but itself looks into. */
export type AnyDriver = Driver<unknown>;

/** Keeps the settings' type while the driver is written, and hides it from the registry. */
export function defineDriver<Settings>(driver: Driver<Settings>): AnyDriver {
  // The host hands `run` and `topics` nothing but what `settings` has parsed, so the parameter cannot be of another type.
  return driver as unknown as AnyDriver;
}
