import { resolve } from 'node:path';
import process from 'node:process';
import { importAnnotations } from '../../export/imports/importAnnotations.ts';
import { openSession } from '../../session/read/sessionReader.ts';
import { Progress, printJson } from '../terminal.ts';

export async function importCommand(
  session: string,
  file: string,
  flags: { json?: boolean; author: string },
): Promise<void> {
  const folder = resolve(session);
  // Fails if this is not a session, before anything is written.
  openSession(folder).close();
  const result = importAnnotations(folder, resolve(file), flags.author);
  if (flags.json) return printJson({ session: folder, ...result });
  const progress = new Progress();
  for (const note of result.notes) progress.say(`Note: ${note}`);
  const before = result.replaced ? ', replacing those of an earlier import of this file' : '';
  process.stdout.write(`${result.count} annotations in ${result.tiers.length} tiers${before}\n`);
}
