import type { ExportFormat } from '../format.ts';
import { writeParquet } from '../tables/parquet.ts';
import { tableTasks } from './tableTasks.ts';

export const parquet: ExportFormat = {
  name: 'parquet',
  about: 'the tables of csv as Parquet files, for Python, R, DuckDB and Spark',
  rounding: 'session_s is float64 (exact to 1 ns for months), wall_time is UTC in nanoseconds.',
  tasks: (context) => {
    const { zeroWallNs, facts } = context.source;
    return tableTasks(context, 'parquet', (path, table, onRows) =>
      writeParquet(path, table, { zeroWallNs, onRows, facts }),
    );
  },
};
