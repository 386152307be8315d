/** Serial ports and ptys through `serialport`. Practical notes: sensor-protocols.md section 6. */
import { stat } from 'node:fs/promises';
import process from 'node:process';
import { type FieldroomError, fieldroomError } from '../../electron/common/errors.ts';
import { readDirectly } from './directRead.ts';
import { lost, WireLink } from './wireLink.ts';

export interface SerialOptions {
  path: string;
  baudRate: number;
  lowLatency?: boolean;
  now: () => number;
  log?: (message: string) => void;
}

/** @throws FieldroomError `device.port-busy`, `device.no-permission`, `device.not-found`, `device.open-failed` */
export async function openSerial(options: SerialOptions): Promise<WireLink> {
  const { SerialPort } = await import('serialport');
  const { path, baudRate, now } = options;
  const port = new SerialPort({ path, baudRate, autoOpen: false, highWaterMark: 64 * 1024 });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(serialError(path, error)) : resolve()));
  });
  readDirectly(port.port);
  const link = new WireLink(path, {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        port.write(Buffer.from(bytes), (error) => (error ? reject(error) : resolve()));
      }),
    close: () =>
      new Promise((resolve) => {
        if (port.isOpen) port.close(() => resolve());
        else resolve();
      }),
    pause: () => port.pause(),
    resume: () => port.resume(),
  });
  port.on('data', (bytes: Buffer) => {
    const arrivedNs = now();
    link.deliver(bytes, arrivedNs);
  });
  // A port that disappears emits `close` with an error, `error`, or both.
  port.on('error', (error: Error) => link.lose(lost(path, error)));
  port.on('close', (error: Error | null) => link.lose(lost(path, error ?? undefined)));
  if (process.platform !== 'win32') watchNode(path, link);
  if (options.lowLatency) {
    // Not every driver of a USB chip supports this setting (a pty does not): without it, data arrives up to 16 ms late.
    port.set({ lowLatency: true }, (error) => {
      if (error) options.log?.(`${path}: low latency is not available (${error.message})`);
    });
  }
  return link;
}

const WATCH_MS = 1_000;

/**
 * If a cable is unplugged during a read, the port returns "0 bytes" forever, and `serialport` keeps reading without
 * reporting it. So the device node is checked: when it is gone or replaced, the link has ended.
 */
function watchNode(path: string, link: WireLink): void {
  const look = (): Promise<string> =>
    stat(path).then(
      ({ dev, ino, rdev }) => `${dev} ${ino} ${rdev}`,
      () => '',
    );
  let first: string | null = null;
  const check = async (): Promise<void> => {
    const node = await look();
    first ??= node;
    if (node === '' || node !== first) link.lose(lost(path));
  };
  const timer = setInterval(() => void check(), WATCH_MS);
  void check();
  void link.closed.then(() => clearInterval(timer));
}

/** Meaning of the system's error texts. They differ between systems and are all that `serialport` passes on. */
export function serialError(path: string, error: Error): FieldroomError {
  const text = error.message;
  const data = { path, system: text };
  if (/cannot lock|access denied|resource busy|EBUSY|unavailable/i.test(text)) {
    return fieldroomError('device.port-busy:reconnects', { path }, { data, cause: error });
  }
  if (/EACCES|EPERM|permission denied/i.test(text)) return noPermission(path, 'serial', error);
  if (/ENOENT|no such file|file not found|ENXIO|ENODEV|no such device|error code (?:3|433|1167)\b/i.test(text)) {
    return fieldroomError('device.not-found', { path }, { data, cause: error });
  }
  return fieldroomError('device.open-failed', { path, text }, { data, cause: error });
}

export function noPermission(path: string, kind: 'serial' | 'hid', cause: unknown): FieldroomError {
  const rule =
    'copy resources/udev/70-fieldroom.rules to /etc/udev/rules.d, run "sudo udevadm control --reload" and plug the device in again';
  const nextStep =
    process.platform === 'darwin'
      ? 'Allow Fieldroom under System Settings, Privacy & Security, Input Monitoring, and start it again.'
      : process.platform === 'win32'
        ? 'Close programs that hold the device; keyboards and mice cannot be opened on Windows.'
        : kind === 'serial'
          ? `Add yourself to the group dialout ("sudo usermod -aG dialout $USER", then log in again), or ${rule}.`
          : `${rule[0]?.toUpperCase()}${rule.slice(1)}.`;
  return fieldroomError('device.no-permission', { path }, { nextStep, data: { path }, cause });
}
