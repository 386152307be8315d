import { resolve } from 'node:path';
import process from 'node:process';
import { summarizeFolder } from '../../engine/session/summary.ts';
import { summaryText } from '../summaryText.ts';
import { printJson } from '../terminal.ts';

export async function inspect(session: string, options: { json?: boolean }): Promise<void> {
  const summary = summarizeFolder(resolve(session));
  if (options.json) printJson({ session: summary.folder, ...summary });
  else process.stdout.write(`${summaryText(summary)}\n`);
}
