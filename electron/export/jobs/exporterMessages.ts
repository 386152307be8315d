/**
 * Messages between the engine and the exporter, one JSON line each over the child's pipes: the request in, then progress
 * and the result out. On `cancel` or the end of its input the exporter removes the export and exits; after a kill the same
 * request resumes the export.
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
