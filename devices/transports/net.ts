/** TCP (we connect) and UDP (we listen on the named address) as links. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { type FieldroomError, fieldroomError } from '../../electron/common/errors.ts';
import { lost, WireLink } from './wireLink.ts';

/** Reads `tcp://host:port`; the scheme may be missing. @throws FieldroomError `device.bad-address` */
export function parseAddress(
  text: string,
  scheme: 'tcp' | 'udp' | 'mqtt',
  defaultPort?: number,
): { host: string; port: number } {
  const wrong = (): FieldroomError => fieldroomError('device.bad-address', { text, scheme });
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

/** Listens on exactly the address in the kit: `udp://127.0.0.1:8888`; answers go to the last sender. */
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
        if (!peer) reject(fieldroomError('device.no-peer', { path }));
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
  if (code === 'ECONNREFUSED') return fieldroomError('device.refused', { path }, { data, cause: error });
  if (code === 'EADDRINUSE') return fieldroomError('device.port-busy', { path }, { data, cause: error });
  if (code === 'EADDRNOTAVAIL') return fieldroomError('device.bad-address:local', { path }, { data, cause: error });
  return fieldroomError('device.not-found:unreachable', { path, message: error.message }, { data, cause: error });
}
