/** TCP (we connect) and UDP (we listen on the named address) as links. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { FieldroomError } from '../../electron/common/errors.ts';
import { lost, WireLink } from './wireLink.ts';

/** Reads `tcp://host:port`; the scheme may be missing. @throws FieldroomError `device.bad-address` */
export function parseAddress(
  text: string,
  scheme: 'tcp' | 'udp' | 'mqtt',
  defaultPort?: number,
): { host: string; port: number } {
  const wrong = (): FieldroomError =>
    new FieldroomError('device.bad-address', `match.path: "${text}" is no address.`, {
      nextStep: `Write it as ${scheme}://HOST:PORT.`,
    });
  let url: URL;
  try {
    url = new URL(text.includes('://') ? text : `${scheme}://${text}`);
  } catch {
    throw wrong();
  }
  const port = url.port === '' ? defaultPort : Number(url.port);
  if (!url.hostname || port === undefined || port < 1) throw wrong();
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

const CONNECT_TIMEOUT_MS = 5_000;

/** @throws FieldroomError `device.refused`, `device.not-found` */
export async function openTcp(path: string, now: () => number): Promise<WireLink> {
  const { host, port } = parseAddress(path, 'tcp');
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 5_000 });
  await new Promise<void>((resolve, reject) => {
    const give = (error: Error): void => {
      socket.destroy();
      reject(netError(path, error));
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => give(new Error('no answer within 5 s')));
    socket.once('error', give);
    socket.once('connect', () => {
      socket.off('error', give);
      socket.setTimeout(0);
      resolve();
    });
  });
  const link = new WireLink(path, {
    write: (bytes) =>
      new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve()))),
    close: async () => {
      socket.destroy();
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  });
  socket.on('data', (bytes: Buffer) => {
    const arrivedNs = now();
    link.deliver(bytes, arrivedNs);
  });
  socket.on('error', (error) => link.lose(lost(path, error)));
  socket.on('close', () => link.lose(lost(path)));
  return link;
}

/** Listens where the kit says, and nowhere else: `udp://127.0.0.1:8888`; answers go to the last sender. */
export async function openUdp(path: string, now: () => number): Promise<WireLink> {
  const { host, port } = parseAddress(path, 'udp');
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) => reject(netError(path, error)));
    socket.bind(port, host, resolve);
  });
  let peer: { address: string; port: number } | null = null;
  const link = new WireLink(path, {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (!peer)
          reject(new FieldroomError('device.no-peer', `Nobody has sent to ${path} yet, so there is nobody to answer.`));
        else socket.send(bytes, peer.port, peer.address, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  });
  socket.on('message', (bytes, from) => {
    const arrivedNs = now();
    peer = from;
    link.deliver(bytes, arrivedNs);
  });
  socket.on('error', (error) => link.lose(lost(path, error)));
  return link;
}

function netError(path: string, error: Error): FieldroomError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const data = { path, system: error.message };
  if (code === 'ECONNREFUSED')
    return new FieldroomError('device.refused', `Nothing answers at ${path}.`, {
      nextStep: 'Switch the device or its program on; it is tried again by itself.',
      data,
      cause: error,
    });
  if (code === 'EADDRINUSE')
    return new FieldroomError('device.port-busy', `${path} is in use by another program.`, {
      nextStep: 'Close the other program or name another port in the kit.',
      data,
      cause: error,
    });
  if (code === 'EADDRNOTAVAIL')
    return new FieldroomError('device.bad-address', `This machine has no address for ${path}.`, {
      nextStep: 'Correct match.path in the kit.',
      data,
      cause: error,
    });
  return new FieldroomError('device.not-found', `${path} is not reachable: ${error.message}.`, {
    nextStep: 'Check the cable or Wi-Fi and the address; it is tried again by itself.',
    data,
    cause: error,
  });
}
