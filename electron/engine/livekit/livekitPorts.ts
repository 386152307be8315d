/** Free ports for the LiveKit server. */
import { createSocket } from 'node:dgram';
import { freePort, tcpIsFree } from '../freePort.ts';
import type { LivekitPorts } from './livekitConfig.ts';

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
