/** The caller's side of the door, for windows, the command line and tests. */
import {
  type CallInput,
  type CallName,
  type CallOutput,
  calls,
  DOOR_SUBPROTOCOL,
  TOKEN_SUBPROTOCOL_PREFIX,
} from './door.ts';
import { type DoorAddress, type Fetch, proveDoor } from './doorProof.ts';
import { type ErrorReport, FieldroomError, fieldroomError } from './errors.ts';

export type { DoorAddress, Fetch } from './doorProof.ts';

export class DoorClient {
  #address: DoorAddress;
  #provenAtMs = 0;
  readonly #fetch: Fetch;
  readonly #renew: (() => Promise<DoorAddress>) | undefined;

  /**
   * @param renew returns the engine's current address; called at most once per call, if the engine is gone from the old
   * one
   */
  constructor(address: DoorAddress, fetch: Fetch, renew?: () => Promise<DoorAddress>) {
    this.#address = address;
    this.#fetch = fetch;
    this.#renew = renew;
  }

  get address(): DoorAddress {
    return this.#address;
  }

  /**
   * The token is sent only to the engine that issued it.
   * @throws FieldroomError as the engine reported it, `door.unreachable` or `door.not-genuine`
   */
  async call<N extends CallName>(name: N, input: CallInput<N>): Promise<CallOutput<N>> {
    try {
      await this.prove();
    } catch (error) {
      if (!this.#renew) throw error;
      this.#address = await this.#renew().catch(() => {
        throw error;
      });
      await this.prove();
    }
    const { url, token } = this.#address;
    const response = await this.#fetch(`${url}/v1/call/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(input),
    }).catch((cause: unknown) => {
      throw fieldroomError('door.unreachable', { url }, { cause });
    });
    const body = await response.json();
    if (!response.ok) throw FieldroomError.from((body as { error: ErrorReport }).error);
    return calls[name].output.parse(body) as CallOutput<N>;
  }

  /**
   * @param withinMs accept a proof up to this old
   * @throws FieldroomError `door.unreachable`, `door.not-genuine`
   */
  async prove(withinMs = 0): Promise<void> {
    if (Date.now() - this.#provenAtMs < withinMs) return;
    await proveDoor(this.#address, this.#fetch);
    this.#provenAtMs = Date.now();
  }
}

/** Address and subprotocols of a WebSocket of the door: a browser cannot send a token any other way. */
export function socketAddress(
  address: DoorAddress,
  path: '/v1/events' | '/v1/ingest',
): { url: string; protocols: string[] } {
  return {
    url: `${address.url.replace(/^http/, 'ws')}${path}`,
    protocols: [DOOR_SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${address.token}`],
  };
}
