/**
 * Parses what a double click or a link requests. The input is untrusted: a file on a USB stick, a link on any web page. The
 * user names a file by clicking it; a link can name only a session by its ids (no file, folder or address) and changes
 * nothing.
 */
import { basename, dirname, isAbsolute, resolve } from 'node:path';
import { idSchema } from '../common/stream.ts';

export type OpenRequest =
  | { kind: 'kit'; path: string }
  | { kind: 'session'; folder: string }
  /** A session of this laptop; without `session` the list of sessions. */
  | { kind: 'link'; session: { study: string; id: string } | null }
  /** A link that is not valid. */
  | { kind: 'unknown-link' };

const SCHEME = 'fieldroom:';
/** `20261122-141503-7f3a9c` (electron/engine/session/sessionId.ts). */
const SESSION_ID = /^\d{8}-\d{6}-[0-9a-f]{6}$/;
const LONGEST_LINK = 300;

export const isLink = (word: string): boolean => word.toLowerCase().startsWith(SCHEME);

/** `fieldroom://sessions` or `fieldroom://sessions/STUDY/SESSION`. */
export function parseLink(link: string): OpenRequest {
  const unknown: OpenRequest = { kind: 'unknown-link' };
  const parts = /^fieldroom:\/\/sessions(?:\/([^/?#]+)\/([^/?#]+))?\/?$/i.exec(link);
  if (link.length > LONGEST_LINK || !parts) return unknown;
  const [, study, id] = parts;
  if (study === undefined || id === undefined) return { kind: 'link', session: null };
  return idSchema.safeParse(study).success && SESSION_ID.test(id) ? { kind: 'link', session: { study, id } } : unknown;
}

/** A kit (`*.fieldroom-kit`), or a session by a file in its folder: `manifest.json`, `*.fieldroom`. Null: another file. */
export function parseFile(path: string): OpenRequest | null {
  const name = basename(path).toLowerCase();
  if (name.endsWith('.fieldroom-kit')) return { kind: 'kit', path };
  if (name === 'manifest.json' || name.endsWith('.fieldroom')) return { kind: 'session', folder: dirname(path) };
  return null;
}

/** Flags whose value is the next argument. */
const VALUE_FLAGS: readonly string[] = ['--data', '--kit'];

/** The index of the argument with a request; -1: none. */
function placeOfRequest(argv: readonly string[], cwd: string): number {
  return argv.findIndex(
    (word, i) =>
      isLink(word) ||
      (!word.startsWith('-') && !VALUE_FLAGS.includes(argv[i - 1] ?? '') && parseFile(absolute(word, cwd)) !== null),
  );
}

const absolute = (word: string, cwd: string): string => (isAbsolute(word) ? word : resolve(cwd, word));

/**
 * The request of a command line; null: none. Parsing stops at a link: a web page wrote it, so arguments after it are not trusted.
 * @param argv the arguments after the program's name
 * @param cwd base of relative paths
 */
export function openRequestOf(argv: readonly string[], cwd: string): OpenRequest | null {
  const word = argv[placeOfRequest(argv, cwd)];
  if (word === undefined) return null;
  return isLink(word) ? parseLink(word) : parseFile(absolute(word, cwd));
}

/** The command line for restarting this app, without the request, so that it is not repeated. */
export function withoutRequest(argv: readonly string[], cwd: string): string[] {
  const own = ownWords(argv);
  const place = placeOfRequest(own, cwd);
  return own.filter((_, i) => i !== place);
}

/** The command line up to a link; the link and the arguments after it do not come from the user. */
export function ownWords(argv: readonly string[]): readonly string[] {
  const link = argv.findIndex(isLink);
  return link < 0 ? argv : argv.slice(0, link);
}

/** Text from a file for a dialog: one line, limited length, no control or direction characters. */
export const shortText = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .trim()
    .slice(0, 120);
