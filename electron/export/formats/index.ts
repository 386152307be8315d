/** The table of formats; the code of each is loaded on demand. */
import { EXPORT_FORMATS, type ExportFormatName } from '../../common/exports.ts';
import type { ExportFormat } from '../format.ts';

const loaders: Record<ExportFormatName, () => Promise<ExportFormat>> = {
  csv: async () => (await import('./csv.ts')).csv,
  mp4: async () => (await import('./mp4.ts')).mp4,
  xdf: async () => (await import('./xdf.ts')).xdf,
  parquet: async () => (await import('./parquet.ts')).parquet,
  elan: async () => (await import('./elan.ts')).elan,
  vtt: async () => (await import('./vtt.ts')).vtt,
  boris: async () => (await import('./boris.ts')).boris,
  clip: async () => (await import('./clip.ts')).clip,
  wav: async () => (await import('./wav.ts')).wav,
};

export const formatNames: readonly string[] = EXPORT_FORMATS;

/** @param name one of `formatNames` */
export function loadFormat(name: string): Promise<ExportFormat> {
  const load = loaders[name as ExportFormatName] as (() => Promise<ExportFormat>) | undefined;
  if (!load) throw new Error(`no format ${name}`);
  return load();
}
