/** The caller's side of the door, for windows, the command line and tests. */
import {
  type CallInput,
  type CallName,
  type CallOutput,
  calls,
  DOOR_SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from './door.ts';
import { type ErrorReport, FieldroomError, fieldroomError } from './errors.ts';

/** The part of `fetch` that is used. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string },
) => Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>;

export interface DoorAddress {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  url: string;
  token: string;
}

export class DoorClient {
  readonly address: DoorAddress;
  readonly #fetch: Fetch;

  constructor(address: DoorAddress, fetch: Fetch) {
    this.address = address;
    this.#fetch = fetch;
  }

  /** @throws FieldroomError as the engine reported it, or `door.unreachable`. */
  async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    const headers = { authorization: `Bearer ${this.address.token}`, 'content-type': 'application/json' };
    const response = await this.#fetch(`${this.address.url}/v1/call/${name}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(input),
    }).catch((cause: unknown) => {
      throw fieldroomError('door.unreachable', { url: this.address.url }, { cause });
    });
    const body = await response.json();
    if (!response.ok) throw FieldroomError.from((body as { error: ErrorReport }).error);
    return calls[name].output.parse(body) as CallOutput<N>;
  }
}

/** Address and subprotocols of a WebSocket of the door: a browser can send a token in no other place. */
export function socketAddress(
  address: DoorAddress,
  path: '/v1/events' | '/v1/ingest',
): { url: string; protocols: string[] } {
  return {
    url: `${address.url.replace(/^http/, 'ws')}${path}`,
    protocols: [DOOR_SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${address.token}`],
  };
}
