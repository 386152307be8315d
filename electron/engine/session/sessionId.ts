import { randomBytes } from 'node:crypto';

/**
 * `20261122-141503-7f3a9c`: sorts by start, unique across laptops by its random tail. UTC, so that a clock change
 * cannot make two ids equal.
 */
export function newSessionId(wallMs: number): string {
  const [date = '', time = ''] = new Date(wallMs).toISOString().split('T');
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${randomBytes(3).toString('hex')}`;
}
