/** The data dictionary: a Frictionless Data Package (Table Schema) that describes every table of an export. */
import type { Field, FieldType, Table } from './table.ts';

const TYPES: Record<FieldType, string> = {
  seconds: 'number',
  duration: 'number',
  wall: 'datetime',
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  string: 'string',
};

export function dataPackage(
  name: string,
  title: string,
  tables: readonly Pick<Table, 'path' | 'title' | 'fields'>[],
  ending: 'csv' | 'parquet',
): object {
  return {
    $schema: 'https://datapackage.org/profiles/1.0/datapackage.json',
    name: name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-'),
    title,
    resources: tables.map((table) => ({
      name: table.path.replaceAll('/', '-').toLowerCase(),
      path: `${table.path}.${ending}`,
      title: table.title,
      format: ending,
      mediatype: ending === 'csv' ? 'text/csv' : 'application/vnd.apache.parquet',
      encoding: 'utf-8',
      schema: { fields: table.fields.map(schemaField), missingValues: [''] },
    })),
  };
}

const schemaField = ({ name, type, unit, description }: Field): object => ({
  name,
  type: TYPES[type],
  ...(type === 'wall' ? { format: '%Y-%m-%dT%H:%M:%S.%fZ' } : {}),
  description: unit ? `${description} [${unit}]` : description,
  ...(unit ? { unit } : {}),
});
