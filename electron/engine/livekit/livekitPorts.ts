/** Free ports for the LiveKit server. */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { fieldroomError } from '../../common/errors.ts';
import type { LivekitPorts } from './livekitConfig.ts';

/**
 * Below the range that Windows, macOS and Linux use for outgoing connections: no other program gets them by chance
 * between the death of a server and its restart on the same ports.
 */
const firstPort = 20_000;
const lastPort = 31_999;

/**
 * Three free ports. They may be taken before use: the caller must be ready to ask again. `wide` looks at all interfaces
 * instead of loopback, for a server that the LAN may reach.
 * @throws FieldroomError `livekit.no-free-port`
 */
export async function freeLivekitPorts(wide: boolean): Promise<LivekitPorts> {
  const taken = new Set<number>();
  const signal = await freePort(taken, (port) => tcpIsFree(port, '127.0.0.1'));
  const udp = await freePort(taken, (port) => udpIsFree(port, wide ? '0.0.0.0' : '127.0.0.1'));
  const tcp = await freePort(taken, (port) => tcpIsFree(port, wide ? '0.0.0.0' : '127.0.0.1'));
  return { signal, udp, tcp };
}

async function freePort(taken: Set<number>, isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1));
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isFree(port)) return port;
  }
  throw fieldroomError('livekit.no-free-port', { firstPort, lastPort });
}

function tcpIsFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function udpIsFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address, exclusive: true }, () => socket.close(() => resolve(true)));
  });
}
