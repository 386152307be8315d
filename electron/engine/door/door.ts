/**
 * The door itself: one HTTP server with the calls of the contract and two WebSockets. It checks tokens, roles, sizes and
 * shapes; the calls are implemented in `handlers`.
 */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
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
import type { EngineClock } from '../clock/engineClock.ts';
import { kindOf } from '../sources/ownership.ts';
import { EventsConnection } from './eventsConnection.ts';
import { IngestConnection, type IngestHandler } from './ingestConnection.ts';
import { type MediaOptions, serveMedia } from './mediaRoute.ts';
import { Strangers } from './strangers.ts';
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

/** Pages of the app are of this origin; a client that fakes its origin still needs a token. */
const APP_ORIGIN = 'app://fieldroom';
const MAX_BODY_BYTES = 1_000_000;
/**
 * A well-behaved local client sends its headers immediately and its body within seconds; other connections are closed.
 */
const TIMES = { requestTimeout: 10_000, keepAliveTimeout: 5_000 };
const HTTP = { headersTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 };
const MAX_PUBLISHERS = 512;
const MAX_WATCHERS = 64;
const EVENTS_MESSAGE_BYTES = 64 * 1024;

export class Door {
  readonly #options: DoorOptions;
  readonly #http: FastifyInstance;
  /** One for each limit of a message. */
  readonly #sockets = new Map<number, WebSocketServer>();
  readonly #strangers = new Strangers();
  readonly #watchers = new Set<EventsConnection>();
  readonly #open = Promise.withResolvers<void>();
  #ingests = 0;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#http = Fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true, ...TIMES, http: HTTP });
    this.#http.addHook('onRequest', async (request, reply) => {
      this.#checkCaller(request.raw);
      if (request.headers.origin !== APP_ORIGIN) return;
      reply.headers({
        'access-control-allow-origin': APP_ORIGIN,
        'access-control-allow-headers': 'authorization, content-type, range',
        'access-control-allow-methods': 'GET, POST',
        // A player requests hundreds of small ranges; this lets the browser cache the CORS preflight.
        'access-control-max-age': '7200',
        'cross-origin-resource-policy': 'cross-origin',
      });
    });
    this.#http.options('/v1/*', (_request, reply) => reply.code(204).send());
    this.#http.get<{ Querystring: { token?: unknown; nonce?: unknown } }>('/v1/health', ({ query }) => ({
      ok: true,
      ...options.tokens.prove(query.token, query.nonce, String(this.#port)),
    }));
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
   * Answers callers and publishers from now on, including those already waiting. A publisher that survived a crash must
   * never receive "no session" from a recorder that has not checked yet: it would discard its buffered data.
   */
  open(): void {
    this.#open.resolve();
  }

  /**
   * Listens; requests wait until `open`. @returns the address, `http://127.0.0.1:PORT`. @throws FieldroomError
   * `door.port-taken`
   */
  async listen(port = this.#options.port): Promise<string> {
    await this.#http.listen({ host: '127.0.0.1', port }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE') throw cause;
      throw fieldroomError('door.port-taken', { port }, { cause });
    });
    this.#http.server.on('connection', (socket) => this.#strangers.came(socket));
    this.#http.server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.#upgrade(request, socket, head);
    });
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Sends to every client of `/v1/events` that subscribed to it. */
  push(event: DoorEvent): void {
    for (const watcher of this.#watchers) watcher.push(event);
  }

  async close(): Promise<void> {
    const servers = [...this.#sockets.values()];
    const clients = servers.flatMap((server) => [...server.clients]);
    for (const client of clients) client.close(1001, 'closing');
    setTimeout(() => {
      for (const client of clients) client.terminate();
    }, 500).unref();
    for (const server of servers) server.close();
    await this.#http.close();
  }

  async #call(name: string, request: FastifyRequest): Promise<unknown> {
    const payload = this.#options.tokens.check(request.headers.authorization?.replace(/^Bearer ?/, ''));
    this.#strangers.trust(request.raw.socket);
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

  get #port(): number {
    return (this.#http.server.address() as AddressInfo).port;
  }

  /** Rejects pages from other origins, including those using DNS rebinding. @throws FieldroomError */
  #checkCaller({ headers }: IncomingMessage): void {
    if (headers.host !== `127.0.0.1:${this.#port}`) throw fieldroomError('door.wrong-host');
    if (headers.origin !== undefined && headers.origin !== APP_ORIGIN) throw fieldroomError('door.wrong-origin');
  }

  /** A request without a valid token never gets a WebSocket: the answer is an HTTP status. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      this.#checkCaller(request);
      const payload = this.#options.tokens.check(tokenOf(request));
      const accept = this.#acceptor(request.url ?? '', payload);
      this.#strangers.trust(request.socket);
      void this.#open.promise.then(() => {
        if (socket.destroyed) return;
        this.#serverFor(accept.messageBytes).handleUpgrade(request, socket, head, (client) => {
          // A message above the limit or a broken frame ends this connection only; `ws` closes it with 1009 or 1002.
          client.on('error', () => undefined);
          accept.take(client);
        });
      });
    } catch (error) {
      refuseUpgrade(socket, error);
    }
  }

  #serverFor(messageBytes: number): WebSocketServer {
    const known = this.#sockets.get(messageBytes);
    if (known) return known;
    const server = new WebSocketServer({
      noServer: true,
      maxPayload: messageBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => (offered.has(DOOR_SUBPROTOCOL) ? DOOR_SUBPROTOCOL : false),
    });
    this.#sockets.set(messageBytes, server);
    return server;
  }

  /** @throws FieldroomError `door.not-allowed`, `door.busy` */
  #acceptor(path: string, payload: TokenPayload): { messageBytes: number; take: (client: WebSocket) => void } {
    const { ingest, clock, onWatch } = this.#options;
    const publisher = identityOf(payload);
    if (path === '/v1/ingest' && publisher) {
      if (this.#ingests >= MAX_PUBLISHERS) throw fieldroomError('door.busy');
      return {
        messageBytes: kindOf(publisher).quotas.messageBytes,
        take: (client) => {
          this.#ingests += 1;
          client.on('close', () => {
            this.#ingests -= 1;
          });
          new IngestConnection(client, publisher, ingest, clock);
        },
      };
    }
    if (path === '/v1/events' && (payload.role === 'operator' || payload.role === 'viewer')) {
      if (this.#watchers.size >= MAX_WATCHERS) throw fieldroomError('door.busy');
      return {
        messageBytes: EVENTS_MESSAGE_BYTES,
        take: (client) => {
          const watcher = new EventsConnection(client, onWatch);
          this.#watchers.add(watcher);
          client.on('close', () => this.#watchers.delete(watcher));
          onWatch();
        },
      };
    }
    throw fieldroomError('door.not-allowed:open', { role: payload.role, path: path.slice(0, 80) });
  }
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const body = JSON.stringify({ error: reportOf(error) });
  const status = statusOf(error);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
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
  if (/^door\.(not-allowed|wrong-host|wrong-origin)$/.test(error.code)) return 403;
  if (error.code === 'door.busy') return 503;
  if (error.code === 'door.no-such-call' || error.code === 'review.no-file') return 404;
  return error.code.startsWith('internal') ? 500 : 409;
}
