import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBroker } from '../emulate/broker.ts';
import { openPty } from '../emulate/pty.ts';
import { openHid } from './hid.ts';
import { openMqtt } from './mqtt.ts';
import { openTcp, openUdp, parseAddress } from './net.ts';
import { openSerial, serialError } from './serial.ts';
import { listSerial } from './serialList.ts';
import { WireLink } from './wireLink.ts';

const now = (): number => performance.now() * 1e6;
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: { code?: string }) => error.code ?? String(error),
  );
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldroom-transports-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('serial', () => {
  it('carries bytes both ways, is locked, and ends with device.lost when the cable is pulled', async () => {
    const pty = await openPty(join(folder, 'tty1'));
    const link = await openSerial({ path: pty.path, baudRate: 115_200, lowLatency: true, now });
    expect(await code(openSerial({ path: pty.path, baudRate: 115_200, now }))).toBe('device.port-busy');
    const heard = new Promise<string>((resolve) => {
      pty.onData = (bytes) => resolve(Buffer.from(bytes).toString());
    });
    const read = new Promise<string>((resolve) => {
      link.onData = (bytes, arrivedNs) => resolve(`${Buffer.from(bytes)} ${arrivedNs > 0}`);
    });
    await link.write(new TextEncoder().encode('R,00,1\r'));
    expect(await heard).toBe('R,00,1\r');
    pty.write(new TextEncoder().encode('D,43\r\n'));
    expect(await read).toBe('D,43\r\n true');
    await pty.close();
    expect(await link.closed).toMatchObject({ code: 'device.lost' });
    expect(await code(link.write(Uint8Array.of(1)))).toBe('device.lost');
  });

  it('can be closed and reopened', async () => {
    const pty = await openPty(join(folder, 'tty2'));
    for (let i = 0; i < 3; i += 1) {
      const link = await openSerial({ path: pty.path, baudRate: 9600, now });
      const read = new Promise<number>((resolve) => {
        link.onData = (bytes) => resolve(bytes[0] as number);
      });
      pty.write(Uint8Array.of(65 + i));
      expect(await read).toBe(65 + i);
      await link.close();
      expect(await link.closed).toBeUndefined();
    }
    await pty.close();
  });

  it.each([
    ['Error Resource temporarily unavailable Cannot lock port', 'device.port-busy'],
    ['Opening COM3: Access denied', 'device.port-busy'],
    ['Error: Permission denied, cannot open /dev/ttyUSB0', 'device.no-permission'],
    ['Error: No such file or directory, cannot open /dev/ttyUSB0', 'device.not-found'],
    ['Opening COM9: File not found', 'device.not-found'],
    ['Error: Input/output error', 'device.open-failed'],
  ])('understands "%s"', (text, expected) => {
    const error = serialError('/dev/ttyUSB0', new Error(text));
    expect(error.code).toBe(expected);
    expect(error.nextStep).toBeTruthy();
    if (expected === 'device.no-permission' && process.platform === 'linux')
      expect(error.nextStep).toContain('dialout');
  });

  it.runIf(process.platform === 'linux')('lists ports from /sys where udev is missing, and says why', async () => {
    const usb = join(folder, 'devices', 'usb1', '1-2');
    await mkdir(join(usb, '1-2:1.0', 'tty', 'ttyACM0'), { recursive: true });
    for (const [file, text] of Object.entries({
      idVendor: '0483',
      idProduct: '5740',
      serial: '3035',
      manufacturer: 'Pozyx Labs',
    }))
      await writeFile(join(usb, file), `${text}\n`);
    await mkdir(join(folder, 'tty', 'ttyACM0'), { recursive: true });
    await mkdir(join(folder, 'tty', 'ttyS0'), { recursive: true });
    await symlink(join(usb, '1-2:1.0'), join(folder, 'tty', 'ttyACM0', 'device'));
    const listing = await listSerial(join(folder, 'tty'), () => Promise.reject(new Error('spawn udevadm ENOENT')));
    expect(listing.note).toContain('udevadm');
    expect(listing.devices).toEqual([
      {
        kind: 'serial',
        path: '/dev/ttyACM0',
        vendorId: '0483',
        productId: '5740',
        serialNumber: '3035',
        manufacturer: 'Pozyx Labs',
        // The controller's folder, the port and the interface; not the bus number.
        place: 'devices-usb-2:1.0',
      },
    ]);
  });
});

describe('mqtt', () => {
  it('hears its topics, and says what a broker refuses', async () => {
    const broker = await startBroker(0, { username: 'room', password: 'right' });
    const { url } = broker;
    const link = await openMqtt({ url, topics: ['tags', 'tags/#'], username: 'room', password: 'right', now });
    const heard: string[] = [];
    link.onData = (bytes, _, topic) => void heard.push(`${topic}=${Buffer.from(bytes)}`);
    await broker.publish('tags', Buffer.from('[1]'));
    await broker.publish('other', Buffer.from('no'));
    await broker.publish('tags/7', Buffer.from('[2]'));
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(heard).toEqual(['tags=[1]', 'tags/7=[2]']);
    expect(await code(openMqtt({ url, topics: ['x'], username: 'room', password: 'wrong', now }))).toBe(
      'device.broker-login',
    );
    await broker.close();
    expect(await link.closed).toMatchObject({ code: 'device.lost' });
    expect(await code(openMqtt({ url, topics: ['x'], now }))).toBe('device.broker-refused');
  });
});

describe('tcp and udp', () => {
  it('hears datagrams one by one, and answers who sent last', async () => {
    const link = await openUdp('udp://127.0.0.1:48123', now);
    const { createSocket } = await import('node:dgram');
    const peer = createSocket('udp4');
    const read = new Promise<string>((resolve) => {
      link.onData = (bytes) => resolve(Buffer.from(bytes).toString());
    });
    expect(await code(link.write(Uint8Array.of(1)))).toBe('device.no-peer');
    const answer = new Promise<string>((resolve) => peer.once('message', (bytes) => resolve(bytes.toString())));
    peer.send('one', 48_123, '127.0.0.1');
    expect(await read).toBe('one');
    await link.write(new TextEncoder().encode('two'));
    expect(await answer).toBe('two');
    expect(await code(openUdp('udp://127.0.0.1:48123', now))).toBe('device.port-busy');
    peer.close();
    await link.close();
  });

  it('names a wrong address and a closed port', async () => {
    expect(await code(openTcp('tcp://127.0.0.1:1', now))).toBe('device.refused');
    for (const wrong of ['tcp://', 'tcp://host', 'host:99999', '::'])
      expect(() => parseAddress(wrong, 'tcp'), wrong).toThrow(expect.objectContaining({ code: 'device.bad-address' }));
    expect(parseAddress('tcp://[::1]:80', 'tcp')).toEqual({ host: '::1', port: 80 });
  });
});

it('does not open a HID device that does not exist', async () => {
  const backend = { list: async () => [], open: () => Promise.reject(new Error('cannot open device')) };
  expect(await code(openHid(backend, '/dev/hidraw-none', now))).toBe('device.not-found');
});

describe('a link', () => {
  const wire = (more: object = {}) => ({ write: async () => undefined, close: async () => undefined, ...more });

  it('keeps bytes that arrive before the driver listens, and reports what it cannot keep', () => {
    const link = new WireLink('x', wire());
    let overrun = 0;
    link.onOverrun = (bytes) => {
      overrun += bytes;
    };
    const buffer = Uint8Array.of(1, 2);
    link.deliver(buffer, 5);
    buffer.fill(0);
    link.deliver(new Uint8Array(2 * 1024 * 1024), 6);
    const heard: number[][] = [];
    link.onData = (bytes, arrivedNs) => void heard.push([...bytes, arrivedNs]);
    expect(heard).toEqual([[1, 2, 5]]);
    expect(overrun).toBe(2 * 1024 * 1024);
  });

  it('applies back-pressure when there is too much, or counts what it drops', () => {
    let paused = 0;
    const waits = new WireLink('x', wire({ pause: () => (paused += 1), resume: () => undefined }));
    const drops = new WireLink('x', wire());
    let dropped = 0;
    drops.onOverrun = (bytes) => {
      dropped += bytes;
    };
    let heard = 0;
    waits.onData = drops.onData = (bytes) => {
      heard += bytes.byteLength;
    };
    for (let i = 0; i < 100; i += 1) for (const link of [waits, drops]) link.deliver(new Uint8Array(65_536), 1_000 + i);
    expect(paused).toBeGreaterThan(0);
    expect(dropped).toBeGreaterThan(0);
    expect(heard + dropped).toBe(200 * 65_536);
  });
});
