/**
 * `app://fieldroom/<file>`: the built pages, from a standard, secure origin, with headers that a `file:` page cannot have.
 * In development Vite's server answers the same addresses, so that origin and rules match the packed app.
 */
import { readFile } from 'node:fs/promises';
import { net, protocol, type Session } from 'electron';
import { pageHeaders } from './pageHeaders.ts';
import { isOwnPage } from './rules.ts';
import { contentTypeOf, fileInside } from './staticFiles.ts';

const APP_SCHEME = 'app';

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** @param devServer address of Vite's server in development */
export function serveApp(session: Session, rendererFolder: string, devServer: string | undefined): void {
  session.protocol.handle(APP_SCHEME, (request) => {
    const url = new URL(request.url);
    if (!isOwnPage(request.url) || request.method !== 'GET') return new Response(null, { status: 404 });
    return devServer === undefined ? serveFile(rendererFolder, url.pathname) : passToVite(devServer, url);
  });
}

async function serveFile(folder: string, pathname: string): Promise<Response> {
  const file = fileInside(folder, pathname);
  const body = file === null ? null : await readFile(file).catch(() => null);
  if (file === null || body === null) return new Response('not found', { status: 404 });
  return new Response(new Uint8Array(body), {
    headers: { ...pageHeaders({ dev: false }), 'content-type': contentTypeOf(file) },
  });
}

async function passToVite(devServer: string, url: URL): Promise<Response> {
  const answer = await net.fetch(new URL(`${url.pathname}${url.search}`, devServer).href);
  const headers = new Headers(pageHeaders({ dev: true }));
  headers.set('content-type', answer.headers.get('content-type') ?? 'application/octet-stream');
  return new Response(answer.body, { status: answer.status, headers });
}
