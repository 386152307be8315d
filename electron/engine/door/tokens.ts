/**
 * Door tokens: `base64url(payload).base64url(HMAC-SHA256)`. The secret lives in memory and, for a part that must find a
 * running engine again, in the data folder's lock file, which only the same user can read.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { roleSchema } from '../../common/door.ts';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';

const payloadSchema = z.strictObject({ role: roleSchema, name: z.string(), expiresMs: z.number() });
export type TokenPayload = z.infer<typeof payloadSchema>;

export class Tokens {
  /** Never logged; see the head of this file. */
  readonly secret: string;
  readonly #now: () => number;

  constructor(secret: string, now: () => number = Date.now) {
    this.secret = secret;
    this.#now = now;
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

  #sign(body: string): string {
    return createHmac('sha256', this.secret).update(body).digest('base64url');
  }
}

const wrong = (): FieldroomError => fieldroomError('door.wrong-token');

function parse(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
