import { resolve } from 'node:path';
import process from 'node:process';
import { verifySession } from '../../engine/store/verify.ts';
import { isRemote } from '../receivedSession.ts';
import { Progress, printJson } from '../terminal.ts';
import type { PlaceFlags } from '../uploadFlags.ts';

export async function verify(session: string, options: PlaceFlags): Promise<void> {
  if (isRemote(session)) return (await import('./verifyReceived.ts')).verifyReceived(session, options);
  const progress = new Progress();
  const folder = resolve(session);
  const verdict = await verifySession(folder, (fraction) =>
    progress.update(`Verifying: ${Math.round(100 * fraction)} %`),
  );
  if (options.json) printJson({ session: folder, ...verdict });
  else if (verdict.ok)
    process.stdout.write(`Whole: every packet, sample and file of ${folder} agrees with its checksum and the index.\n`);
  else
    for (const finding of verdict.findings)
      process.stdout.write(`${finding.code}  ${finding.where}  ${finding.message}\n`);
  process.exitCode = verdict.ok ? 0 : 1;
}
