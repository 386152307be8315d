/** One session's data through the door: calls, and bytes of its media files. */
import type { CallInput, CallName, CallOutput } from '../../../electron/common/door.ts';
import type { DoorClient } from '../../../electron/common/doorClient.ts';
import { type ErrorReport, FieldroomError, fieldroomError } from '../../../electron/common/errors.ts';

type KeyedCall = Extract<CallName, `review.${string}`> | 'sessions.describe';
type Rest<N extends KeyedCall> = Omit<CallInput<N>, 'key'>;

export class ReviewDoor {
  readonly key: string;
  readonly #client: () => DoorClient;

  /** @param client requested each time, because the recorder may be restarted while a session is in review */
  constructor(key: string, client: () => DoorClient) {
    this.key = key;
    this.#client = client;
  }

  call<N extends KeyedCall>(name: N, input: Rest<N>): Promise<CallOutput<N>> {
    return this.#client().call(name, { ...input, key: this.key } as CallInput<N>);
  }

  /** Bytes [first, end) of a media file. @throws FieldroomError from the recorder, or `door.unreachable` */
  async bytes(path: string, first: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const client = this.#client();
    // A player requests hundreds of ranges: one token is used for all requests within a second.
    await client.prove(1000);
    const { url, token } = client.address;
    const answer = await fetch(`${url}/v1/media/${this.key}/${path}`, {
      headers: { authorization: `Bearer ${token}`, range: `bytes=${first}-${end - 1}` },
    }).catch((cause: unknown) => {
      throw fieldroomError('door.unreachable:silent', {}, { cause });
    });
    if (!answer.ok) throw FieldroomError.from(((await answer.json()) as { error: ErrorReport }).error);
    return new Uint8Array(await answer.arrayBuffer());
  }
}
