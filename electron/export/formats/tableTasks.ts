/** The tasks shared by CSV and Parquet: the tables in their order, then the data dictionary. */
import { writeFile } from 'node:fs/promises';
import type { ExportContext, ExportTask } from '../format.ts';
import { dataPackage } from '../tables/dataPackage.ts';
import { framesTable, longTable, smallTables, streamTable } from '../tables/sessionTables.ts';
import type { Table } from '../tables/table.ts';

export type WriteTable = (path: string, table: Table, onRows: (rows: number) => void) => Promise<number>;

export function tableTasks({ source }: ExportContext, ending: 'csv' | 'parquet', write: WriteTable): ExportTask[] {
  const { video, audio, samples } = source.ofKind;
  const tables = [
    ...smallTables(source),
    ...[...video, ...audio].map((stream) => framesTable(source, stream)),
    ...samples.map((stream) => streamTable(source, stream)),
    longTable(source, samples),
  ];
  const tasks = tables.map((table): ExportTask => {
    return {
      name: `${table.path}.${ending}`,
      weight: table.weight,
      async run(files, progress) {
        const path = await files.add(`${table.path}.${ending}`, table.title);
        await write(path, table, (rows) => progress(table.rows > 0 ? rows / table.rows : 1));
      },
    };
  });
  const dictionary: ExportTask = {
    name: 'datapackage.json',
    weight: 1,
    async run(files) {
      const path = await files.add('datapackage.json', 'Data dictionary (Frictionless Data Package)');
      const title = `${source.session.name || source.session.id}${source.session.simulated ? ' (SIMULATED DATA)' : ''}`;
      await writeFile(path, `${JSON.stringify(dataPackage(source.session.id, title, tables, ending), null, 2)}\n`);
    },
  };
  return [...tasks, dictionary];
}
