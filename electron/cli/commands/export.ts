import { resolve } from 'node:path';
import process from 'node:process';
import { fieldroomError } from '../../common/errors.ts';
import { formatBytes } from '../../common/units.ts';
import { exportSession } from '../../export/exportSession.ts';
import type { Use } from '../../export/format.ts';
import { momentNs } from '../../export/source/moment.ts';
import { interruptSignal } from '../interrupt.ts';
import { Progress, printJson } from '../terminal.ts';

export interface ExportFlags {
  json?: boolean;
  to: string;
  out: string;
  replace?: boolean;
  stream?: string[];
  use: string;
  rate?: number;
  mono?: boolean;
  constantFrameRate?: boolean;
  from?: string;
  until?: string;
  clip: string;
  burnIn?: boolean;
}

const USES: readonly string[] = ['analysis', 'sharing', 'publication'];

/** @throws FieldroomError `export.use-unknown` */
export function purposeOf(text: string): Use {
  if (!USES.includes(text)) throw fieldroomError('export.use-unknown', { use: text });
  return text as Use;
}

export async function exportCommand(session: string, flags: ExportFlags): Promise<void> {
  const progress = new Progress();
  const folder = resolve(session);
  if (flags.rate !== undefined && !(Number.isInteger(flags.rate) && flags.rate >= 8000 && flags.rate <= 192_000))
    throw fieldroomError('export.rate-wrong', { rate: String(flags.rate) });
  const signal = interruptSignal(() => progress.say('Cancelling. Files of this export are removed.'));
  const {
    files,
    notes,
    folder: made,
  } = await exportSession({
    session: folder,
    format: flags.to,
    out: flags.out,
    replace: flags.replace ?? false,
    signal,
    options: {
      use: purposeOf(flags.use),
      streams: flags.stream ?? null,
      ...(flags.rate === undefined ? {} : { rateHz: flags.rate }),
      mono: flags.mono ?? false,
      constantRate: flags.constantFrameRate ?? false,
      fromNs: flags.from === undefined ? null : momentNs(folder, flags.from),
      toNs: flags.until === undefined ? null : momentNs(folder, flags.until),
      clipFormats: flags.clip.split(','),
      burnIn: flags.burnIn ?? false,
    },
    onProgress: (fraction, what) => progress.update(`Exporting: ${Math.round(100 * fraction)} % ${what}`),
  });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (flags.json) return printJson({ folder: made, files, notes, bytes });
  for (const note of notes) progress.say(`Note: ${note}`);
  process.stdout.write(`${files.length} files, ${formatBytes(bytes)}: ${made}\n`);
}
