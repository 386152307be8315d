/** A table of an export, column by column, before it is written as CSV or Parquet. */

/**
 * `seconds`: session nanoseconds, written as seconds; `wall`: session nanoseconds, written as wall time; `duration`:
 * nanoseconds, written as seconds.
 */
export type FieldType = 'seconds' | 'wall' | 'duration' | 'number' | 'integer' | 'boolean' | 'string';

export interface Field {
  name: string;
  type: FieldType;
  unit?: string;
  description: string;
}

/** NaN and null: no value. */
export type ColumnData = Float64Array | readonly (number | string | null)[];

export interface Batch {
  count: number;
  /** In the order of the table's fields. */
  columns: ColumnData[];
}

export interface Table {
  /** Relative to the export's folder, without an extension. */
  path: string;
  title: string;
  fields: Field[];
  /** Roughly the bytes it reads. */
  weight: number;
  /** Expected number of rows, for progress; 0: few. */
  rows: number;
  batches(): Iterable<Batch>;
}

/** A small table from objects. */
export function smallTable<T>(
  path: string,
  title: string,
  rows: readonly T[],
  fields: (Field & { of: (row: T) => number | string | boolean | null })[],
): Table {
  return {
    path,
    title,
    fields: fields.map(({ of: _, ...field }) => field),
    weight: 1000 + 100 * rows.length,
    rows: 0,
    *batches() {
      const value = (row: T, of: (row: T) => number | string | boolean | null): number | string | null => {
        const found = of(row);
        return typeof found === 'boolean' ? Number(found) : found;
      };
      yield { count: rows.length, columns: fields.map(({ of }) => rows.map((row) => value(row, of))) };
    },
  };
}
