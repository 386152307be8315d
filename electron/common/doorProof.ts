/**
 * Lets a client verify, before it sends its token, that it is connected to its engine and not to another program on the
 * engine's old port. A token is `body.signature`; only its holder and the engine that issued it know the signature. The
 * client sends body and a nonce, and the engine answers HMAC-SHA256 of the nonce and its own port, keyed by the
 * signature. The port is included so that nobody can relay the challenge to the real engine on another port.
 */
import { fieldroomError } from './errors.ts';

export interface DoorAddress {
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  url: string;
  token: string;
}

/** The part of `fetch` that is used. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string },
) => Promise<{ ok: boolean; status: number; json(): Promise<unknown> }>;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The signed text. */
export const proofText = (nonce: string, port: string): string => `fieldroom-door|${nonce}|${port}`;

export async function proofOf(token: string, nonce: string, port: string): Promise<string> {
  const text = new TextEncoder();
  const secret = text.encode(token.slice(token.indexOf('.') + 1));
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return hex(new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(proofText(nonce, port)))));
}

/** @throws FieldroomError `door.unreachable`, or `door.not-genuine` when another program answers at the address */
export async function proveDoor({ url, token }: DoorAddress, fetch: Fetch): Promise<void> {
  if (token === '') throw fieldroomError('door.no-token');
  const nonce = hex(crypto.getRandomValues(new Uint8Array(16)));
  const [body = ''] = token.split('.');
  const question = `${url}/v1/health?token=${encodeURIComponent(body)}&nonce=${nonce}`;
  const answer = await fetch(question, { method: 'GET', headers: {} }).catch((cause: unknown) => {
    throw fieldroomError('door.unreachable', { url }, { cause });
  });
  const { proof } = ((await answer.json().catch(() => null)) ?? {}) as { proof?: unknown };
  const port = /:(\d+)$/.exec(url)?.[1] ?? '';
  if (!answer.ok || proof !== (await proofOf(token, nonce, port))) throw fieldroomError('door.not-genuine', { url });
}
