/**
 * Connections that have not shown a valid token yet. A few are enough for every honest client, which asks at once; when
 * there are more, the oldest ones are closed, so that a flood of silent connections keeps nobody out.
 */
import type { Socket } from 'node:net';

const MAX_STRANGERS = 128;

export class Strangers {
  /** Oldest first. */
  readonly #sockets = new Set<Socket>();

  came(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    for (const oldest of this.#sockets) {
      if (this.#sockets.size <= MAX_STRANGERS) return;
      this.#sockets.delete(oldest);
      oldest.destroy();
    }
  }

  /** It showed a valid token. */
  trust(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
