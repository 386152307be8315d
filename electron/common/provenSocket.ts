/** A WebSocket of the door that is opened only after the engine has proved itself: nothing is sent to another program. */
import { socketAddress } from './doorClient.ts';
import { type DoorAddress, type Fetch, proveDoor } from './doorProof.ts';
import type { Socket } from './publisher/publisher.ts';

export interface ProvenSocketOptions {
  /** Read for each opening. */
  address: () => DoorAddress | Promise<DoorAddress>;
  path: '/v1/events' | '/v1/ingest';
  fetch: Fetch;
  open: (url: string, protocols: string[]) => Socket;
}

const CONNECTING = 0;
const CLOSED = 3;

/** Has the interface of the socket it opens; a failed proof appears as a closed connection. */
export class ProvenSocket implements Socket {
  binaryType = 'arraybuffer';
  onopen: Socket['onopen'] = null;
  onclose: Socket['onclose'] = null;
  onerror: Socket['onerror'] = null;
  onmessage: Socket['onmessage'] = null;
  #inner: Socket | null = null;
  #closed = false;

  constructor(options: ProvenSocketOptions) {
    this.#open(options).catch(() => this.#end());
  }

  get readyState(): number {
    return this.#closed ? CLOSED : (this.#inner?.readyState ?? CONNECTING);
  }

  get bufferedAmount(): number {
    return this.#inner?.bufferedAmount ?? 0;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    this.#inner?.send(data);
  }

  close(code?: number, reason?: string): void {
    if (this.#inner) this.#inner.close(code, reason);
    else this.#end();
  }

  async #open({ address, path, fetch, open }: ProvenSocketOptions): Promise<void> {
    const at = await address();
    await proveDoor(at, fetch);
    if (this.#closed) return;
    const { url, protocols } = socketAddress(at, path);
    const inner = open(url, protocols);
    this.#inner = inner;
    inner.binaryType = this.binaryType;
    inner.onopen = (event) => this.onopen?.(event);
    inner.onmessage = (event) => this.onmessage?.(event);
    inner.onerror = (event) => this.onerror?.(event);
    inner.onclose = (event) => {
      this.#closed = true;
      this.onclose?.(event);
    };
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onclose?.(undefined as never);
  }
}
