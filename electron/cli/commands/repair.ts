import { resolve } from 'node:path';
import process from 'node:process';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { isAlive, readLock } from '../../engine/dataFolder.ts';
import { verifySession } from '../../session/check/verify.ts';
import { dataFolderOf, repairSession } from '../../session/repair/repairSession.ts';
import { Progress, printJson } from '../terminal.ts';
import { NO_SESSION } from './verify.ts';

/** Exit code 0: complete; 1: some findings could not be repaired; 2: not a session. */
export async function repair(session: string, options: { json?: boolean }): Promise<void> {
  const progress = new Progress();
  const folder = resolve(session);
  try {
    await notInUse(dataFolderOf(folder));
    const { sealed, findings } = repairSession(folder, (file, done, total) =>
      progress.update(`Repairing ${file}: ${total > 0 ? Math.round((100 * done) / total) : 100} %`),
    );
    const left = await verifySession(folder);
    process.exitCode = left.ok ? 0 : 1;
    if (options.json) return printJson({ session: folder, sealed, mended: findings, ok: left.ok, left: left.findings });
    const lines = (list: typeof findings): string =>
      list.map(({ code, where, message }) => `  ${code}  ${where}  ${message}\n`).join('');
    const words = sealed
      ? 'A sealed session is never changed.'
      : findings.length === 0
        ? 'Nothing to repair.'
        : `Repaired, and noted in the session:\n${lines(findings)}`.trimEnd();
    const verdict = left.ok ? `Complete: ${folder}` : `Not repaired:\n${lines(left.findings)}`.trimEnd();
    process.stdout.write(`${words}\n${verdict}\n`);
  } catch (error) {
    if (error instanceof FieldroomError && error.code === 'store.no-session') process.exitCode = NO_SESSION;
    throw error;
  }
}

/** A running recorder repairs its own sessions, and may be writing this one. @throws FieldroomError `data.in-use` */
async function notInUse(dataFolder: string): Promise<void> {
  const lock = readLock(dataFolder);
  if (!lock || !(await isAlive(lock))) return;
  throw fieldroomError('data.in-use:running', { pid: lock.pid, dataFolder }, { data: { pid: lock.pid } });
}
