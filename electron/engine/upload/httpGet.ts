/**
 * One HTTP request without a body, whose answer is a stream. Redirects are not followed: a storage service does not
 * send any.
 */
import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';

const CONNECT_MS = 15_000;

export interface GetOptions {
  method?: 'GET' | 'HEAD' | 'OPTIONS';
  headers?: Record<string, string>;
  ca?: string[];
  signal: AbortSignal;
}

/** Resolves with the head of the answer; its body must be read or destroyed. */
export function httpGet(
  url: string,
  { method = 'GET', headers = {}, ca, signal }: GetOptions,
): Promise<IncomingMessage> {
  const make = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const request = make(url, { method, headers, signal, ...(ca ? { ca } : {}) }, resolve);
    request.setTimeout(CONNECT_MS, () => {
      // Only for connecting: the caller limits the time for an answer.
      if (request.socket?.connecting) request.destroy(Object.assign(new Error('no connection'), { code: 'ETIMEDOUT' }));
    });
    request.on('error', reject);
    request.end();
  });
}
