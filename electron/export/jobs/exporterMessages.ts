/**
 * Between the engine and the exporter, one JSON line a message over the child's pipes: the request in, then progress and the
 * end out. A `cancel` or the end of the input ends the exporter, which leaves nothing behind; a kill leaves what the same
 * request continues.
 */
import type { ErrorReport } from '../../common/errors.ts';

export interface ExporterRequest {
  session: string;
  format: string;
  out: string;
  options: Record<string, unknown> & { fromNs: string | null; toNs: string | null };
}

export type FromExporter =
  | { type: 'progress'; fraction: number; what: string }
  | { type: 'done'; folder: string; bytes: number; notes: string[] }
  | { type: 'failed'; error: ErrorReport };
