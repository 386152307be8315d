import type { ExportFormat } from '../format.ts';
import { writeCsv } from '../tables/csv.ts';
import { tableTasks } from './tableTasks.ts';

export const csv: ExportFormat = {
  name: 'csv',
  about: 'one long table and one file per stream, with a data dictionary (Frictionless Table Schema)',
  rounding: 'Times are exact to the nanosecond.',
  tasks: (context) =>
    tableTasks(context, 'csv', (path, table, onRows) =>
      writeCsv(path, table, { wallTime: (ns) => context.source.wallTime(ns), onRows }),
    ),
};
