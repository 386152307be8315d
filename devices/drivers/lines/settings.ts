/** Settings of the driver `lines`, as a kit writes them. */
import { z } from 'zod';
import { channelSchema } from '../../../electron/common/stream.ts';

/** A column by number (the first is 1), or by its header or key (`imu.x` reaches into nested JSON). */
const columnRef = z.union([z.number().int().min(1).max(256), z.string().min(1).max(120)]);

export const linesColumnSchema = z.strictObject({
  name: channelSchema.shape.name.meta({ title: 'Name' }),
  unit: channelSchema.shape.unit.meta({ title: 'Unit' }),
  type: channelSchema.shape.type.meta({ title: 'Value type' }),
  label: z.string().max(120).optional().meta({ title: 'Label' }),
  /** Default: the column's position in this list, or its name if lines contain keys. */
  column: columnRef.optional().meta({ title: 'Column', description: 'Its number (the first is 1) or its header' }),
  key: z.string().min(1).max(120).optional().meta({ title: 'Key', description: 'If lines contain keys' }),
  /** The unit that the device prints after the number, if it does: values with another unit are not accepted. */
  printed: z.string().max(32).optional().meta({ title: 'Unit as printed' }),
  /** Factor that converts the printed number to the unit. */
  scale: z.number().optional().meta({ title: 'Multiply by' }),
});
export type LinesColumn = z.infer<typeof linesColumnSchema>;

export const linesSettingsSchema = z.strictObject({
  baudRate: z.number().int().min(50).max(12_000_000).default(115_200).meta({ title: 'Baud rate', unit: 'bit/s' }),
  format: z
    .enum(['auto', 'csv', 'tsv', 'semicolon', 'whitespace', 'key-value', 'json', 'teleplot'])
    .default('auto')
    .meta({ title: 'Format' }),
  /** If none of the formats fits: one character, or one followed by a blank (`20,1, 40,3`). */
  delimiter: z
    .string()
    .regex(/^[^\r\n] ?$/, 'must be one character, which a blank may follow')
    .optional()
    .meta({ title: 'Delimiter', advanced: true }),
  /** The decimal sign; absent: as each number shows. */
  decimal: z.enum(['.', ',']).optional().meta({ title: 'Decimal sign', advanced: true }),
  header: z
    .union([z.boolean(), z.literal('auto')])
    .default('auto')
    .meta({ title: 'Header line', advanced: true }),
  /** Absent: guessed from the first lines. */
  columns: z.array(linesColumnSchema).min(1).max(256).optional().meta({
    title: 'Columns',
    description: 'If there are none, Fieldroom detects them from the first lines.',
  }),
  /** The column with the device's own time; `wrapsAt` is where it starts at 0 again (4294967296 for millis()). */
  deviceTime: z
    .strictObject({
      column: columnRef.meta({ title: 'Device time column' }),
      tickNs: z.number().positive().meta({ title: 'One tick', unit: 'ns' }),
      wrapsAt: z.number().positive().optional().meta({ title: 'Wraps at' }),
    })
    .optional()
    .meta({ title: 'Device time', advanced: true }),
  /** The column that counts the device's samples; a jump is a loss. */
  counter: z
    .union([columnRef, z.strictObject({ column: columnRef, wrapsAt: z.number().positive().optional() })])
    .optional()
    .meta({ title: 'Counter column', advanced: true }),
  /** Two hex digits in the last column, computed over everything before the last delimiter. */
  checksum: z.enum(['none', 'crc8', 'sum8', 'xor8']).default('none').meta({ title: 'Checksum', advanced: true }),
  maxLineBytes: z
    .number()
    .int()
    .min(16)
    .max(65_536)
    .default(4096)
    .meta({ title: 'Maximum line length', unit: 'bytes', advanced: true }),
  nominalRateHz: z.number().positive().optional().meta({ title: 'Lines per second', unit: 'Hz' }),
});
export type LinesSettings = z.infer<typeof linesSettingsSchema>;
export type ColumnRef = z.infer<typeof columnRef>;
