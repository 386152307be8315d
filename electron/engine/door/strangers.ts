/**
 * Connections that have not presented a valid token yet. Well-behaved clients do so immediately, so a few are enough;
 * beyond that the oldest are closed, so that a flood of silent connections cannot block others.
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

  /** It presented a valid token. */
  trust(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
