/** Settings of the driver `lines`, as a kit writes them. */
import { z } from 'zod';
import { channelSchema } from '../../../electron/common/stream.ts';

/** A column by number (the first is 1), or by its header or key (`imu.x` reaches into nested JSON). */
const columnRef = z.union([z.number().int().min(1).max(256), z.string().min(1).max(120)]);

export const linesColumnSchema = z.strictObject({
  name: channelSchema.shape.name,
  unit: channelSchema.shape.unit,
  type: channelSchema.shape.type,
  label: z.string().max(120).optional(),
  /** Default: the column's own place in this list, or its name where lines carry keys. */
  column: columnRef.optional(),
  key: z.string().min(1).max(120).optional(),
  /** What the printed number is multiplied by to get the unit. */
  scale: z.number().optional(),
});
export type LinesColumn = z.infer<typeof linesColumnSchema>;

export const linesSettingsSchema = z.strictObject({
  format: z.enum(['auto', 'csv', 'tsv', 'semicolon', 'whitespace', 'key-value', 'json']).default('auto'),
  /** One character, where none of the formats has it. */
  delimiter: z.string().length(1).optional(),
  header: z.union([z.boolean(), z.literal('auto')]).default('auto'),
  /** Absent: guessed from the first lines. */
  columns: z.array(linesColumnSchema).min(1).max(256).optional(),
  /** The column that holds the device's own time; `wrapsAt` is where it starts at 0 again (4294967296 for millis()). */
  deviceTime: z
    .strictObject({ column: columnRef, tickNs: z.number().positive(), wrapsAt: z.number().positive().optional() })
    .optional(),
  /** The column that counts the device's samples by one: a jump is a loss. */
  counter: z
    .union([columnRef, z.strictObject({ column: columnRef, wrapsAt: z.number().positive().optional() })])
    .optional(),
  /** Two hex digits in the last column, made over all before the last delimiter. */
  checksum: z.enum(['none', 'crc8', 'sum8', 'xor8']).default('none'),
  baudRate: z.number().int().min(50).max(12_000_000).default(115_200),
  maxLineBytes: z.number().int().min(16).max(65_536).default(4096),
  nominalRateHz: z.number().positive().optional(),
});
export type LinesSettings = z.infer<typeof linesSettingsSchema>;
export type ColumnRef = z.infer<typeof columnRef>;
