/**
 * Door tokens: `base64url(payload).base64url(HMAC-SHA256)`. The secret lives in memory and, for a part that must find a
 * running engine again, in the data folder's lock file, which only the same user can read.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { roleSchema } from '../../common/door.ts';
import { proofText } from '../../common/doorProof.ts';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import { idSchema, participantSchema } from '../../common/stream.ts';
import type { PublisherIdentity } from '../sources/ownership.ts';
import { isPublisherKind, type PublisherKindName, publisherKinds } from '../sources/publisherKinds.ts';

const payloadSchema = z.strictObject({
  role: roleSchema,
  name: z.string().max(200),
  expiresMs: z.number(),
  /** Of a publisher: its entry in `publisherKinds`. */
  kind: idSchema.optional(),
  /** Pseudonym of the one person whose data the publisher delivers. */
  participant: participantSchema.optional(),
});
export type TokenPayload = z.infer<typeof payloadSchema>;

export interface NewPublisher {
  /** Absent: the appliance's own publisher of that kind. */
  name?: string | undefined;
  participant?: string | undefined;
  expiresMs: number;
}

export class Tokens {
  /** Never logged; see the head of this file. */
  readonly secret: string;
  readonly #now: () => number;

  constructor(secret: string, now: () => number = Date.now) {
    this.secret = secret;
    this.#now = now;
  }

  /**
   * A token for a publisher. The name decides which sources and streams it owns.
   * @throws FieldroomError `publisher.bad-name` when the name is not valid for the kind
   */
  publisher(
    kind: PublisherKindName,
    { name = publisherKinds[kind].own, participant, expiresMs }: NewPublisher,
  ): string {
    if (name === undefined || !publisherKinds[kind].names.test(name))
      throw fieldroomError('publisher.bad-name', { name: name ?? '', title: publisherKinds[kind].title });
    return this.issue({
      role: 'publisher',
      kind,
      name,
      expiresMs,
      ...(participant === undefined ? {} : { participant }),
    });
  }

  issue(payload: TokenPayload): string {
    const body = Buffer.from(JSON.stringify(payload)).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  /** @throws FieldroomError `door.no-token`, `door.wrong-token` or `door.expired-token` */
  check(token: string | undefined): TokenPayload {
    if (!token) throw fieldroomError('door.no-token');
    const [body = '', signature = ''] = token.split('.');
    const [given, expected] = [Buffer.from(signature), Buffer.from(this.#sign(body))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw wrong();
    const payload = payloadSchema.safeParse(parse(body));
    if (!payload.success) throw wrong();
    if (payload.data.expiresMs <= this.#now()) {
      throw fieldroomError('door.expired-token');
    }
    return payload.data;
  }

  /** Proves to the holder of a token that this engine issued it (`common/doorProof.ts`). @returns nothing for a bad question */
  prove(body: unknown, nonce: unknown, port: string): { proof?: string } {
    if (typeof body !== 'string' || typeof nonce !== 'string' || body.length > 2000 || !/^[0-9a-f]{16,64}$/.test(nonce))
      return {};
    return { proof: createHmac('sha256', this.#sign(body)).update(proofText(nonce, port)).digest('hex') };
  }

  /** States that a person chose this file in an app dialog or on the command line. */
  grant(path: string): string {
    return createHmac('sha256', this.grantKey).update(path).digest('base64url');
  }

  /** The key that allows granting; held by the app's main process, received over its pipe to the engine. */
  get grantKey(): string {
    return this.#sign('kit-path');
  }

  isGranted(path: string, grant: string | undefined): boolean {
    const [given, expected] = [Buffer.from(grant ?? ''), Buffer.from(this.grant(path))];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  #sign(body: string): string {
    return createHmac('sha256', this.secret).update(body).digest('base64url');
  }
}

/** The publisher that a token names; null when it is not a publisher's. */
export function identityOf({ role, kind, name, participant }: TokenPayload): PublisherIdentity | null {
  if (role !== 'publisher' || kind === undefined || !isPublisherKind(kind)) return null;
  return publisherKinds[kind].names.test(name) ? { kind, name, participant } : null;
}

const wrong = (): FieldroomError => fieldroomError('door.wrong-token');

function parse(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
