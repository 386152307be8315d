/** The one question of the campaign: is at the destination what lies at home, and is that untouched? */
import { basename } from 'node:path';
import type { Arrived } from '../../fixtures/upload/arrived.ts';
import { filesOf } from '../../fixtures/upload/session.ts';

export type Original = ReturnType<typeof filesOf>;

/** What is wrong, in words; empty: nothing. */
export function differences(folder: string, original: Original, arrived: Arrived): string[] {
  const base = `pilot/${basename(folder)}/`;
  const local = new Map(filesOf(folder).map(({ path, sha256 }) => [path, sha256]));
  return original.flatMap(({ path, sha256 }) => [
    ...(arrived.get(base + path) === sha256
      ? []
      : [`${path} at the destination is ${arrived.has(base + path) ? 'another' : 'missing'}`]),
    ...(local.get(path) === sha256 ? [] : [`${path} at home was changed`]),
  ]);
}
