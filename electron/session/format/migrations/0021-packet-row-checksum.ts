/** A checksum over each packet's row. NULL: written by a version without checksums. */
import type { Migration } from './migration.ts';

export const packetRows: Migration = {
  version: 21,
  sql: 'ALTER TABLE packet ADD COLUMN row_crc32 INTEGER;',
};
