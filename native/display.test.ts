/** The virtual display with a real Xvfb and plain X11 connections (X Window System Protocol, "Connection Setup"). */
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isDisplayMissing, openDisplay, type VirtualDisplay } from './display.mjs';

const SUCCESS = 1;
const PROTOCOL = 'MIT-MAGIC-COOKIE-1';

/** The first byte of the server's response to a client with this key; 1 means accepted. */
async function greet({ env }: VirtualDisplay, key: Buffer): Promise<number> {
  const name = Buffer.from(key.length > 0 ? PROTOCOL : '');
  const head = Buffer.alloc(12);
  head.write('l');
  head.writeUInt16LE(11, 2);
  head.writeUInt16LE(name.length, 6);
  head.writeUInt16LE(key.length, 8);
  const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
  const socket = connect(`/tmp/.X11-unix/X${env.DISPLAY.slice(1)}`);
  socket.write(Buffer.concat([head, padded(name), padded(key)]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer[0] as number;
}

describe.runIf(process.platform === 'linux')('a virtual display', () => {
  let display: VirtualDisplay;
  beforeAll(async () => {
    display = await openDisplay();
  });
  afterAll(async () => {
    display?.stop();
    await display?.ended;
  });

  it('accepts only clients with its key', async () => {
    const key = readFileSync(display.env.XAUTHORITY).subarray(-16);
    expect(await greet(display, key)).toBe(SUCCESS);
    expect(await greet(display, Buffer.alloc(0))).not.toBe(SUCCESS);
    expect(await greet(display, Buffer.alloc(16))).not.toBe(SUCCESS);
    // Without -noreset the server rereads its keys after its last client has left.
    expect(await greet(display, key)).toBe(SUCCESS);
  });

  it('hides its key from other users, and removes it when it ends', async () => {
    const { XAUTHORITY: key } = display.env;
    expect(statSync(key).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(key)).mode & 0o777).toBe(0o700);
    display.stop();
    await display.ended;
    expect(() => statSync(dirname(key))).toThrow(/ENOENT/);
  });

  it('reports that Xvfb is missing', async () => {
    await expect(openDisplay({ PATH: '/nonexistent' })).rejects.toMatchObject({ code: 'display.missing' });
  });
});

it('is needed only on Linux without a screen', () => {
  const linux = process.platform === 'linux';
  expect(isDisplayMissing({})).toBe(linux);
  expect(isDisplayMissing({ DISPLAY: ':0' })).toBe(false);
  expect(isDisplayMissing({ WAYLAND_DISPLAY: 'wayland-0' })).toBe(false);
});
