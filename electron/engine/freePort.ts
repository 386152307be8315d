/** Free ports for servers that are restarted on the port they had. */
import { createServer } from 'node:net';
import { fieldroomError } from '../common/errors.ts';

/**
 * Below the range that Windows, macOS and Linux use for outgoing connections: no other program gets them by chance
 * between the death of a server and its restart on the same ports.
 */
const firstPort = 20_000;
const lastPort = 31_999;

/**
 * A port that `isFree` finds free and that is not in `taken`, to which it is added.
 * @throws FieldroomError `livekit.no-free-port`
 */
export async function freePort(taken: Set<number>, isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = firstPort + Math.floor(Math.random() * (lastPort - firstPort + 1));
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isFree(port)) return port;
  }
  throw fieldroomError('livekit.no-free-port', { firstPort, lastPort });
}

export function tcpIsFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
