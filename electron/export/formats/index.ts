/** The table of formats; the code of each is loaded when it is asked for. */
import type { ExportFormat } from '../format.ts';

const loaders: Record<string, () => Promise<ExportFormat>> = {
  csv: async () => (await import('./csv.ts')).csv,
};

export const formatNames: readonly string[] = Object.keys(loaders);

/** @param name one of `formatNames` */
export function loadFormat(name: string): Promise<ExportFormat> {
  const load = loaders[name];
  if (!load) throw new Error(`no format ${name}`);
  return load();
}
