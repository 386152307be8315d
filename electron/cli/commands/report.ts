import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { openSession } from '../../session/read/sessionReader.ts';
import { summarize } from '../../session/read/summary.ts';
import { readTiming, TIMING_PAGE, writeTiming } from '../../session/report/writeTiming.ts';
import { printJson } from '../terminal.ts';

/** A sealed session contains its report. For any other session the report goes elsewhere, because nothing is added to a session's folder. */
export async function report(session: string, options: { json?: boolean; out?: string }): Promise<void> {
  const folder = resolve(session);
  const reader = openSession(folder);
  try {
    const made = options.out === undefined ? readTiming(folder) : null;
    const into = made ? folder : resolve(options.out ?? `${summarize(reader).id}-timing`);
    if (!existsSync(into)) mkdirSync(into, { recursive: true });
    const timing = made ?? writeTiming(into, reader.db);
    const page = join(into, TIMING_PAGE);
    if (options.json) printJson({ ...timing, folder, page });
    else process.stdout.write(`${page}\n`);
  } finally {
    reader.close();
  }
}
