/** Writes a table as Parquet, in row groups of about 33,000 rows. */
import { type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { fileWriter } from 'hyparquet-writer/src/node.js';
import type { Batch, ColumnData, Field, Table } from './table.ts';

const GROUP_ROWS = 32_768;

export interface ParquetContext {
  /** Unix nanoseconds of session time 0. */
  zeroWallNs: bigint;
  onRows: (done: number) => void;
  /** Stored in the file's metadata: the session's entry in the export's manifest. */
  facts: object;
}

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];

/** @returns the number of rows written */
export async function writeParquet(
  path: string,
  table: Table,
  { zeroWallNs, onRows, facts }: ParquetContext,
): Promise<number> {
  const writer = new ParquetWriter({
    writer: fileWriter(path),
    schema: [{ name: 'root', num_children: table.fields.length }, ...table.fields.map(elementOf)],
    kvMetadata: [
      { key: 'fieldroom', value: JSON.stringify({ title: table.title, ...facts }) },
      { key: 'fields', value: JSON.stringify(table.fields) },
    ],
    createdBy: 'Fieldroom',
  });
  let waiting: Batch[] = [];
  let [rows, count] = [0, 0];
  const flush = async (): Promise<void> => {
    const columnData = table.fields.map((field, c): ColumnSource => {
      const data = convert(
        waiting.map(({ columns }) => columns[c] as ColumnData),
        field,
        zeroWallNs,
      );
      return { name: field.name, data };
    });
    await writer.write({ columnData, rowGroupSize: Math.max(1, count) });
    rows += count;
    onRows(rows);
    waiting = [];
    count = 0;
  };
  for (const batch of table.batches()) {
    if (batch.count === 0) continue;
    waiting.push(batch);
    count += batch.count;
    if (count >= GROUP_ROWS) await flush();
  }
  if (count > 0) await flush();
  await writer.finish();
  return rows;
}

function elementOf({ name, type }: Field): Schema[number] {
  const repetition_type = 'OPTIONAL';
  switch (type) {
    case 'string':
      return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type };
    case 'boolean':
      return { name, type: 'BOOLEAN', repetition_type };
    case 'integer':
      return { name, type: 'INT64', repetition_type };
    case 'wall':
      return {
        name,
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
        repetition_type,
      };
    default:
      return { name, type: 'DOUBLE', repetition_type };
  }
}

function convert(parts: ColumnData[], field: Field, zeroWallNs: bigint): ColumnSource['data'] {
  const made: unknown[] = [];
  const one = converter(field, zeroWallNs);
  for (const part of parts)
    for (let i = 0; i < part.length; i += 1) {
      const value = part[i];
      made.push(
        value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value)) ? null : one(value),
      );
    }
  return made;
}

function converter({ type }: Field, zeroWallNs: bigint): (value: number | string) => unknown {
  switch (type) {
    case 'seconds':
    case 'duration':
      return (value) => (value as number) / 1e9;
    case 'wall':
      return (value) => zeroWallNs + BigInt(value as number);
    case 'integer':
      return (value) => BigInt(value as number);
    case 'boolean':
      return (value) => value !== 0;
    default:
      return (value) => value;
  }
}
