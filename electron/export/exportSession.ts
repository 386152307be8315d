/** Runs one export of one session. */
import { fieldroomError, reportOf } from '../common/errors.ts';
import { diskError } from '../session/format/diskErrors.ts';
import { type ExportFile, ExportFolder } from './exportFolder.ts';
import { DEFAULT_OPTIONS, type ExportOptions } from './format.ts';
import { formatNames, loadFormat } from './formats/index.ts';
import { ExportSource } from './source/exportSource.ts';

export const EXPORT_VERSION = 1;

export interface ExportRequest {
  /** Folder of the session. */
  session: string;
  format: string;
  /** Folder of the export: created here; must be empty or not exist. */
  out: string;
  options?: Partial<ExportOptions>;
  /** Whether an earlier export in `out` may be replaced. */
  replace?: boolean;
  signal?: AbortSignal;
  /** @param fraction of the whole, 0 to 1. @param what is being written */
  onProgress?: (fraction: number, what: string) => void;
}

export interface ExportResult {
  folder: string;
  files: ExportFile[];
  notes: string[];
}

/**
 * @throws FieldroomError `export.*`, `store.*`; after an error or an abort the export is removed. A killed process leaves
 * `OUT.partial`, which the same request resumes.
 */
export async function exportSession(request: ExportRequest): Promise<ExportResult> {
  const { session, out, signal = new AbortController().signal, onProgress = () => undefined } = request;
  if (!formatNames.includes(request.format))
    throw fieldroomError('export.format-unknown', { format: request.format, known: formatNames.join(', ') });
  const options = { ...DEFAULT_OPTIONS, ...request.options };
  using source = new ExportSource(session, options);
  const format = await loadFormat(request.format);
  const identity = JSON.stringify([EXPORT_VERSION, source.identity, format.name, options], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const folder = await ExportFolder.open(out, identity, request.replace ?? false).catch((cause: unknown) => {
    throw wrapped(cause, out);
  });
  try {
    const tasks = await format.tasks({ source, options, signal, files: () => folder.files });
    const total = tasks.reduce((sum, task) => sum + task.weight, 0) || 1;
    let before = 0;
    for (const task of tasks) {
      const share = task.weight / total;
      if (!folder.isDone(task.name)) {
        onProgress(before, task.name);
        await folder.run(task.name, async (files) => {
          source.onDamage = (text) => files.note(text);
          await task.run(files, (fraction) => {
            throwIfAborted(signal);
            onProgress(before + share * Math.min(1, fraction), task.name);
          });
          throwIfAborted(signal);
        });
      }
      before += share;
      // Gives the event loop a turn between tasks, so that input and an abort are handled.
      await new Promise((resolve) => setImmediate(resolve));
    }
    throwIfAborted(signal);
    const { files } = folder;
    const notes = [...source.notes, ...folder.notes];
    const made = await folder.finish(manifestOf(source, format.name, format.rounding, options));
    onProgress(1, '');
    return { folder: made, files, notes };
  } catch (cause) {
    await folder.remove();
    throw wrapped(cause, out);
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw fieldroomError('export.cancelled');
}

/** The text of a disk error. */
function wrapped(cause: unknown, out: string): unknown {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^E[A-Z]+$|^SQLITE_/.test(code) ? diskError(cause, out) : cause;
}

function manifestOf(source: ExportSource, format: string, rounding: string, options: ExportOptions): object {
  return {
    format: 'fieldroom-export',
    formatVersion: EXPORT_VERSION,
    to: format,
    madeAt: new Date().toISOString(),
    session: source.facts,
    times: `Seconds since the session's beginning (time 0), by the ${source.sealed ? 'sealed' : 'live'} clock fits. ${rounding}`,
    options: { ...options, fromNs: text(options.fromNs), toNs: text(options.toNs) },
    sessionNotes: source.notes,
  };
}

const text = (value: bigint | null): string | null => (value === null ? null : String(value));

export { reportOf };
