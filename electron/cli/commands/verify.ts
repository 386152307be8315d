import { resolve } from 'node:path';
import process from 'node:process';
import { FieldroomError } from '../../common/errors.ts';
import { verifySession } from '../../session/check/verify.ts';
import { isRemote } from '../receivedSession.ts';
import { Progress, printJson } from '../terminal.ts';
import type { PlaceFlags } from '../uploadFlags.ts';

/** Exit code when the folder is not a session. */
export const NO_SESSION = 2;

/** Exit code 0: complete; 1: findings; 2: not a session. */
export async function verify(session: string, options: PlaceFlags): Promise<void> {
  if (isRemote(session)) return (await import('./verifyReceived.ts')).verifyReceived(session, options);
  const progress = new Progress();
  const folder = resolve(session);
  const verdict = await verifySession(folder, (fraction) =>
    progress.update(`Verifying: ${Math.round(100 * fraction)} %`),
  ).catch((error: unknown) => {
    if (error instanceof FieldroomError && error.code === 'store.no-session') process.exitCode = NO_SESSION;
    throw error;
  });
  if (options.json) printJson({ session: folder, ...verdict });
  else if (verdict.ok)
    process.stdout.write(`Complete: every packet, sample and file of ${folder} matches its checksum and the index.\n`);
  else
    for (const finding of verdict.findings)
      process.stdout.write(`${finding.code}  ${finding.where}  ${finding.message}\n`);
  process.exitCode = verdict.ok ? 0 : 1;
}
