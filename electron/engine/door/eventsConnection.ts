/** A client of `/v1/events`: gets the whole state when it changes, and live pictures, levels and samples when it asks. */
import type { WebSocket } from 'ws';
import { type DoorEvent, eventsRequestSchema } from '../../common/door.ts';

/** A slow client gets only the newest state: above this many unsent bytes, live data is skipped. */
const MAX_UNSENT_BYTES = 2_000_000;
/** A client that does not read at all is disconnected. */
const DEAD_UNSENT_BYTES = 8_000_000;

export class EventsConnection {
  readonly #socket: WebSocket;
  #wants = { previews: false, samples: false };

  constructor(socket: WebSocket, onWatch: () => void) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const request = eventsRequestSchema.safeParse(parse(String(data)));
      if (!request.success) return socket.close(1008, 'door.malformed');
      this.#wants = request.data;
      onWatch();
    });
    socket.on('close', onWatch);
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get wants(): { previews: boolean; samples: boolean } {
    return this.open ? this.#wants : { previews: false, samples: false };
  }

  push(event: DoorEvent): void {
    if (!this.open) return;
    if (this.#socket.bufferedAmount > DEAD_UNSENT_BYTES) {
      this.#socket.terminate();
      return;
    }
    const live = event.type === 'preview' || event.type === 'level' || event.type === 'samples';
    if (live && this.#socket.bufferedAmount > MAX_UNSENT_BYTES) return;
    if ((event.type === 'preview' || event.type === 'level') && !this.#wants.previews) return;
    if (event.type === 'samples' && !this.#wants.samples) return;
    this.#socket.send(JSON.stringify(event));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
