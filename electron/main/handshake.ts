/** Sends the program that started the app the address of the door: one JSON line on stdout, only with `FIELDROOM_HANDSHAKE=stdout`. */
import type { ErrorReport } from '../common/errors.ts';

export type Handshake =
  | { type: 'ready'; url: string; token: string; dataFolder: string }
  | { type: 'failed'; error: ErrorReport };

export function shakeHands(line: Handshake, env: Readonly<Record<string, string | undefined>> = process.env): void {
  if (env.FIELDROOM_HANDSHAKE === 'stdout') process.stdout.write(`${JSON.stringify(line)}\n`);
}
