/**
 * The door itself: one HTTP server with the calls of the contract and two WebSockets. It checks tokens, roles, sizes and
 * shapes; what a call does is in `handlers`.
 */

import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type CallName,
  type CallOutput,
  calls,
  DOOR_SUBPROTOCOL,
  type DoorEvent,
  TOKEN_SUBPROTOCOL_PREFIX,
} from '../../common/door.ts';
import { FieldroomError, fieldroomError, reportOf } from '../../common/errors.ts';
import { MAX_MESSAGE_BYTES } from '../../common/wire.ts';
import type { EngineClock } from '../clock/engineClock.ts';
import { EventsConnection } from './eventsConnection.ts';
import { IngestConnection, type IngestHandler } from './ingestConnection.ts';
import { type MediaOptions, serveMedia } from './mediaRoute.ts';
import { identityOf, type TokenPayload, type Tokens } from './tokens.ts';

/** One function a call; input and output are of the contract. */
export type CallHandlers = {
  [N in CallName]: (input: ReturnType<(typeof calls)[N]['input']['parse']>) => Promise<CallOutput<N>> | CallOutput<N>;
};

export interface DoorOptions {
  /** 0: the system chooses. A port that is taken is an error `door.port-taken`. */
  port: number;
  tokens: Tokens;
  clock: EngineClock;
  handlers: CallHandlers;
  ingest: IngestHandler;
  media: Omit<MediaOptions, 'tokens'>;
  onWatch: () => void;
}

/** Pages of the app are of this origin; a browser that lies about its origin still needs a token. */
const APP_ORIGIN = 'app://fieldroom';
const MAX_BODY_BYTES = 1_000_000;

export class Door {
  readonly #options: DoorOptions;
  readonly #http: FastifyInstance;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(DOOR_SUBPROTOCOL) ? DOOR_SUBPROTOCOL : false),
  });
  readonly #watchers = new Set<EventsConnection>();
  readonly #open = Promise.withResolvers<void>();

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#http = Fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true });
    this.#http.addHook('onRequest', async (request, reply) => {
      if (request.headers.origin !== APP_ORIGIN) return;
      reply.headers({
        'access-control-allow-origin': APP_ORIGIN,
        'access-control-allow-headers': 'authorization, content-type, range',
        'access-control-allow-methods': 'GET, POST',
        // A player asks for hundreds of small ranges: it need not ask each time whether it may.
        'access-control-max-age': '7200',
        'cross-origin-resource-policy': 'cross-origin',
      });
    });
    this.#http.options('/v1/*', (_request, reply) => reply.code(204).send());
    this.#http.get('/v1/health', () => ({ ok: true }));
    this.#http.post<{ Params: { name: string } }>('/v1/call/:name', (request) =>
      this.#call(request.params.name, request),
    );
    serveMedia(this.#http, { ...options.media, tokens: options.tokens });
    this.#http.setErrorHandler((error, _request, reply) =>
      reply.code(statusOf(error)).send({ error: reportOf(error) }),
    );
    this.#http.setNotFoundHandler((_request, reply) =>
      reply.code(404).send({ error: { code: 'door.no-such-call', message: 'The recorder has no such call.' } }),
    );
  }

  get watchers(): ReadonlySet<EventsConnection> {
    return this.#watchers;
  }

  /**
   * From now on callers and publishers are answered; those that came before have waited. A publisher that outlived a
   * crash must never hear "no session" of a recorder that has not looked yet: it would give up what it kept.
   */
  open(): void {
    this.#open.resolve();
  }

  /** Listens; who comes waits until `open`. @returns the address, `http://127.0.0.1:PORT`. @throws FieldroomError `door.port-taken` */
  async listen(port = this.#options.port): Promise<string> {
    await this.#http.listen({ host: '127.0.0.1', port }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') throw cause;
      throw fieldroomError('door.port-taken', { port }, { cause });
    });
    this.#http.server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      void this.#open.promise.then(() => this.#upgrade(request, socket, head));
    });
    return `http://127.0.0.1:${(this.#http.server.address() as AddressInfo).port}`;
  }

  /** To every client of `/v1/events` that wants it. */
  push(event: DoorEvent): void {
    for (const watcher of this.#watchers) watcher.push(event);
  }

  async close(): Promise<void> {
    for (const client of this.#sockets.clients) client.close(1001, 'closing');
    setTimeout(() => {
      for (const client of this.#sockets.clients) client.terminate();
    }, 500).unref();
    this.#sockets.close();
    await this.#http.close();
  }

  async #call(name: string, request: FastifyRequest): Promise<unknown> {
    const payload = this.#options.tokens.check(request.headers.authorization?.replace(/^Bearer ?/, ''));
    if (!Object.hasOwn(calls, name)) throw fieldroomError('door.no-such-call', { name: name.slice(0, 80) });
    const call = calls[name as CallName];
    if (!(call.roles as readonly string[]).includes(payload.role))
      throw fieldroomError('door.not-allowed', { role: payload.role, name });
    const input = call.input.safeParse(request.body ?? {});
    if (!input.success) {
      const faults = input.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
      throw fieldroomError('door.malformed', { name, detail: faults.join('; ') }, { data: { faults } });
    }
    const handler = this.#options.handlers[name as CallName] as (input: unknown) => unknown;
    await this.#open.promise;
    return handler(input.data);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      // A message above the limit or a broken frame ends this connection only; `ws` closes it with 1009 or 1002.
      client.on('error', () => undefined);
      try {
        this.#accept(client, request.url ?? '', this.#options.tokens.check(tokenOf(request)));
      } catch (error) {
        const { code, message } = reportOf(error);
        client.send(JSON.stringify({ type: 'error', code, message }));
        client.close(4401, code);
      }
    });
  }

  #accept(client: WebSocket, path: string, payload: TokenPayload): void {
    const { ingest, clock, onWatch } = this.#options;
    const publisher = identityOf(payload);
    if (path === '/v1/ingest' && publisher) {
      new IngestConnection(client, publisher, ingest, clock);
    } else if (path === '/v1/events' && (payload.role === 'operator' || payload.role === 'viewer')) {
      const watcher = new EventsConnection(client, onWatch);
      this.#watchers.add(watcher);
      client.on('close', () => this.#watchers.delete(watcher));
      onWatch();
    } else throw fieldroomError('door.not-allowed:open', { role: payload.role, path: path.slice(0, 80) });
  }
}

function tokenOf(request: IncomingMessage): string | undefined {
  const offered = request.headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(TOKEN_SUBPROTOCOL_PREFIX))
    ?.slice(TOKEN_SUBPROTOCOL_PREFIX.length);
}

function statusOf(error: unknown): number {
  if (!(error instanceof FieldroomError)) return (error as { statusCode?: number }).statusCode ?? 500;
  if (/^door\.(no-token|wrong-token|expired-token)$/.test(error.code)) return 401;
  if (error.code === 'door.not-allowed') return 403;
  if (error.code === 'door.no-such-call' || error.code === 'review.no-file') return 404;
  return error.code.startsWith('internal') ? 500 : 409;
}
