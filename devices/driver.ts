/**
 * The driver interface. Each folder under `devices/drivers/NAME/` contains `parser.ts` (bytes to frames), `driver.ts`
 * (this interface), `emulator.ts` (the other end of the wire), tests and a README. The device host finds the device,
 * opens the link and runs the driver; when the driver ends or fails, the host reopens the link with back-off.
 */
import type { z } from 'zod';
import type { SensorSource } from '../electron/common/kit.ts';
import type { Channel, DeviceClock } from '../electron/common/stream.ts';

/** An open wire. Only transports know what is behind it: a serial port, HID, MQTT, TCP, UDP or an emulator. */
export interface Link {
  /** The path or address that was opened, for messages. */
  readonly path: string;
  /**
   * Bytes of one read (or one HID report, MQTT message or UDP datagram) with the publisher time of their arrival. One
   * listener only; bytes that arrive before it is set are kept in a bounded buffer.
   */
  onData: ((bytes: Uint8Array, arrivedNs: number, topic?: string) => void) | null;
  /**
   * Resolves when the bytes have been handed to the operating system. @throws FieldroomError `device.lost` after an
   * unplug.
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Settles when the link is gone: with a FieldroomError that says why (`device.lost`), or undefined after `close()`.
   */
  readonly closed: Promise<Error | undefined>;
  close(): Promise<void>;
}

export type Value = number | string | boolean | null;

export interface Sample {
  /** In the order of the stream's channels; null or NaN means no value. */
  values: readonly Value[];
  /** Publisher time at which the read that completed this sample arrived. */
  arrivedNs: number;
  /** The device's own clock or counter in ticks, unwrapped (it decreases only after a restart). */
  deviceTime?: number;
}

export interface DriverStream {
  /**
   * Empty for the source's main stream; otherwise appended to the source's id: source `hr` with suffix `25170` gives stream `hr-25170`.
   */
  suffix: string;
  label?: string;
  channels: Channel[];
  nominalRateHz?: number;
  deviceClock?: DeviceClock;
  participant?: string;
  /**
   * This stream describes the device rather than what it measures (lines of text), so its data does not count as a sign
   * of life.
   */
  aside?: true;
  /** Firmware, serial number, and the settings actually in effect. */
  facts?: Record<string, unknown>;
}

/** A stream from the driver's point of view. */
export interface StreamSink {
  /** The sample is copied immediately, so a fast driver may reuse the same object and array. */
  sample(sample: Sample): void;
  /** Data is missing between two publisher times (null: from the last sample, or until now). */
  gap(cause: string, lost: number | null, detail?: string, fromNs?: number, toNs?: number): void;
}

export interface DriverContext<Settings> {
  source: SensorSource;
  settings: Settings;
  link: Link;
  /** What the system reports about the device behind the link; null if it was given only as a path or address. */
  device: DeviceInfo | null;
  /** The publisher's clock, whole nanoseconds. */
  now(): number;
  /** Announces a stream, or returns it again after a reconnect. Cheap to call repeatedly. */
  stream(declaration: DriverStream): StreamSink;
  /**
   * Shown to people immediately: the source's state becomes `error` with this sentence until `clear()` or the next sample.
   */
  trouble(code: string, message: string, nextStep: string): void;
  clear(): void;
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** The driver detected settings that a kit could store so that data is read the same way next time. */
  learned?: (settings: Record<string, unknown>) => void;
  /** Aborted when the source is closed; `sleep` then rejects. */
  signal: AbortSignal;
  sleep(ms: number): Promise<void>;
}

/** What is known about a connected device. */
export interface DeviceInfo {
  kind: 'serial' | 'hid';
  path: string;
  serialNumber?: string;
  /** Four lower-case hex digits. */
  vendorId?: string;
  productId?: string;
  manufacturer?: string;
  product?: string;
  /** The USB socket it is plugged into, stable across replugs and restarts; absent if the system does not report it. */
  place?: string;
}

export interface Driver<Settings = unknown> {
  /** The name used in a kit. */
  id: string;
  /** The name a technician would use: `Pozyx tag`. */
  title: string;
  kinds: readonly SensorSource['kind'][];
  /**
   * Validates the settings and describes the form that Setup shows (`describe.ts`). `.meta()` gives a field its title, description and
   * unit; `advanced` hides it behind "More", `secret` masks it.
   */
  settings: z.ZodType<Settings>;
  /** Serial parameters; a kit's settings may override them where the driver's schema has them. */
  serial?: { baudRate: number; lowLatency?: boolean };
  /**
   * The driver never writes to the device, so it can safely be tried on any port to see whether it understands the
   * data.
   */
  onlyListens?: true;
  /**
   * Whether a stream it read could come from its device; used when an unknown port is being identified. Absent: always.
   */
  plausible?: (stream: { suffix: string; rateHz: number; last: readonly Value[] }) => boolean;
  /** MQTT topics to subscribe, from the settings. */
  topics?: (settings: Settings) => string[];
  /**
   * How likely it is that this driver fits `device`: 0 no, 1 possible (a chip used by many devices), 2 by vendor and
   * product, 3 certain.
   */
  fits(device: DeviceInfo): 0 | 1 | 2 | 3;
  /** A link that delivers nothing for this long becomes `silent`; default 5000. */
  silentAfterMs?: number;
  /**
   * Talks to the device until the link closes or `signal` aborts. @throws FieldroomError `device.*` when it cannot continue.
   */
  run(context: DriverContext<Settings>): Promise<void>;
}

/** The other end of the wire, byte for byte. It can be attached to a pty, TCP, a broker, or run in process. */
export interface Emulator {
  /** Bytes (a report, a message) from the device to the host. Set by the caller that attaches the emulator. */
  emit: (bytes: Uint8Array, topic?: string) => void;
  /** Bytes that the host wrote. */
  receive(bytes: Uint8Array): void;
  /** Power on, power off. */
  start(): void;
  stop(): void;
  /**
   * Faults by name: `corrupt-checksum`, `split`, `silent`, `garbage`, `wrong-device`, ... @throws for an unknown name
   */
  fault(name: string, argument?: number): void;
  /**
   * The ground truth: every sample that was sent whole and uncorrupted, in order, in the driver's values. Bounded by `keepTruth`.
   */
  readonly truth: { stream: string; values: readonly Value[]; deviceTime?: number }[];
}

export interface EmulatorOptions {
  /** The source's settings from the kit, not validated yet: an emulator reads from them how it has to behave. */
  settings: Record<string, unknown>;
  /** The parameters after `?` in `emulator:NAME?rate=100&seed=2`. */
  parameters: Record<string, string>;
  /** Different for each emulator of a kit: serial numbers, phases and noise are derived from it. */
  seed: number;
}
export type EmulatorFactory = (options: EmulatorOptions) => Emulator;

/** A driver whose settings type is opaque to everyone else. */
export type AnyDriver = Driver<unknown>;

/** Keeps the settings' type while the driver is written, and hides it from the registry. */
export function defineDriver<Settings>(driver: Driver<Settings>): AnyDriver {
  // The host passes `run` and `topics` only what `settings` has parsed, so the parameter always has the right type.
  return driver as unknown as AnyDriver;
}
