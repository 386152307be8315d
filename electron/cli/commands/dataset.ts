import { resolve } from 'node:path';
import process from 'node:process';
import { buildDataset } from '../../export/dataset/buildDataset.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson } from '../terminal.ts';
import { purposeOf } from './export.ts';

/** Exit code 0: all sessions were written; 1: some could not be read. */
export async function datasetBuild(study: string, flags: { json?: boolean; to: string; use: string }): Promise<void> {
  const progress = new Progress();
  const signal = interruptSignal(() => progress.say('Stopping after this session; finished sessions are kept.'));
  const result = await buildDataset({
    study: resolve(study),
    out: flags.to,
    use: purposeOf(flags.use),
    signal,
    onProgress: (fraction, session) => progress.update(`Building: ${Math.round(100 * fraction)} % ${session}`),
  });
  const { folder, written, unchanged, removed, failed } = result;
  if (failed.length > 0) process.exitCode = 1;
  if (flags.json) return printJson(result);
  for (const { session, error } of failed) progress.say(`${session}: ${error.message}`);
  const words = `${written.length} sessions written, ${unchanged.length} unchanged, ${removed.length} removed`;
  process.stdout.write(`${words}: ${folder}\n`);
}
