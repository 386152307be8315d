/** Checks the one property of the campaign: the destination has exactly the local files, and those are unchanged. */
import { basename } from 'node:path';
import type { Arrived } from '../../fixtures/upload/arrived.ts';
import { filesOf } from '../../fixtures/upload/session.ts';

export type Original = ReturnType<typeof filesOf>;

/** Faults in words; empty when everything matches. */
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
