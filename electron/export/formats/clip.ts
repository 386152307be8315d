import { fieldroomError } from '../../common/errors.ts';
import type { ExportContext, ExportFormat, ExportTask } from '../format.ts';
import { writeCsv } from '../tables/csv.ts';
import { smallTables, streamTable } from '../tables/sessionTables.ts';
import { mp4Tasks } from './mp4.ts';
import { wavTasks } from './wav.ts';

const PARTS = ['mp4', 'wav', 'csv'];

export const clip: ExportFormat = {
  name: 'clip',
  about: 'video, sound and sensors between two markers or times',
  rounding: 'Video and sound begin at the beginning of the clip; tables keep session time.',
  tasks: (context) => {
    const { source, options } = context;
    const fromNs = Number(options.fromNs ?? 0n);
    const toNs = Math.min(source.endNs, options.toNs === null ? source.endNs : Number(options.toNs));
    if (!(fromNs >= 0 && fromNs < toNs))
      throw fieldroomError('export.clip-empty', { fromS: fromNs / 1e9, toS: toNs / 1e9, lengthS: source.endNs / 1e9 });
    const wanted = new Set(options.clipFormats.map((name) => name.trim()));
    for (const name of wanted)
      if (!PARTS.includes(name)) throw fieldroomError('export.clip-format', { name, known: PARTS.join(', ') });
    return [
      ...(wanted.has('mp4') ? mp4Tasks(context, '', fromNs, toNs) : []),
      ...(wanted.has('wav') ? wavTasks(context, '', fromNs, toNs) : []),
      ...(wanted.has('csv') ? csvTasks(context, fromNs, toNs) : []),
    ];
  },
};

function csvTasks({ source }: ExportContext, fromNs: number, toNs: number): ExportTask[] {
  const markers = source.markers.filter(({ atNs }) => atNs >= fromNs && atNs < toNs);
  const small = smallTables(source, markers).filter(({ path }) => path === 'markers');
  return [...small, ...source.ofKind.samples.map((stream) => streamTable(source, stream, fromNs, toNs))].map(
    (table) => ({
      name: `${table.path}.csv`,
      weight: table.weight,
      async run(files, progress) {
        const path = await files.add(`${table.path}.csv`, `${table.title}, of the clip`);
        await writeCsv(path, table, { wallTime: (ns) => source.wallTime(ns), onRows: () => progress(0.5) });
      },
    }),
  );
}
