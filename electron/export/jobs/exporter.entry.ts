/** The exporter as a separate process with the lowest priority: `exporterMessages` on standard input and standard output. */
import { constants, setPriority } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { reportOf } from '../../common/errors.ts';
import { exportSession } from '../exportSession.ts';
import type { ExportOptions } from '../format.ts';
import type { ExporterRequest, FromExporter } from './exporterMessages.ts';

/** Progress is shown to a person, who would not notice more frequent updates. */
const PROGRESS_MS = 200;

// Lowest priority: every other program on this laptop comes first.
setPriority(constants.priority.PRIORITY_LOW);
process.stdout.on('error', () => undefined);
const say = (message: FromExporter): void => void process.stdout.write(`${JSON.stringify(message)}\n`);

const abort = new AbortController();
const input = createInterface({ input: process.stdin });
input.once('line', (line) => {
  void work(JSON.parse(line) as ExporterRequest).finally(() => process.stdin.destroy());
});
input.on('close', () => abort.abort());
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => abort.abort());

async function work({ session, format, out, options }: ExporterRequest): Promise<void> {
  const { fromNs, toNs } = options;
  let toldMs = 0;
  try {
    const { folder, files, notes } = await exportSession({
      ...{ session, format, out, signal: abort.signal },
      options: {
        ...(options as unknown as ExportOptions),
        fromNs: fromNs === null ? null : BigInt(fromNs),
        toNs: toNs === null ? null : BigInt(toNs),
      },
      onProgress: (fraction, what) => {
        if (performance.now() - toldMs < PROGRESS_MS && fraction < 1) return;
        toldMs = performance.now();
        say({ type: 'progress', fraction, what });
      },
    });
    say({ type: 'done', folder, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), notes });
  } catch (error) {
    say({ type: 'failed', error: reportOf(error) });
  }
}
