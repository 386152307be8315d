/**
 * The current page, in the address after `#`: `#/sessions/20261122-091500-k3f9`. So a reloaded window shows the same
 * page, and back and forward work. A handful of pages without nesting needs no router library.
 */
import { useSyncExternalStore } from 'react';

export interface Route {
  /** Id of a page of `pages.ts`; unknown ones show the first page. */
  page: string;
  /** The rest of the address, decoded. */
  rest: readonly string[];
}

export function parseRoute(hash: string): Route {
  const [page = '', ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded);
  return { page, rest: rest.filter((part) => part !== '') };
}

export const addressOf = (page: string, ...rest: readonly string[]): string =>
  `#/${[page, ...rest].map(encodeURIComponent).join('/')}`;

export function go(page: string, ...rest: readonly string[]): void {
  window.location.hash = addressOf(page, ...rest);
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(listen, () => window.location.hash);
  return parseRoute(hash);
}

function listen(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** A hand-written address may contain a lone `%`. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
