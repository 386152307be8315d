/** Exports in the door's contract: the options and the jobs. */
import { z } from 'zod';
import { errorReportSchema } from './errors.ts';
import { sessionKeySchema } from './review.ts';
import { idSchema } from './stream.ts';

/** In the order shown to the user. */
export const EXPORT_FORMATS = ['csv', 'parquet', 'wav', 'mp4', 'elan', 'boris', 'vtt', 'xdf', 'clip'] as const;
export const exportFormatSchema = z.enum(EXPORT_FORMATS);
export type ExportFormatName = z.infer<typeof exportFormatSchema>;

/** The purpose of the export: participants whose consent does not cover it are excluded. */
export const exportUseSchema = z.enum(['analysis', 'sharing', 'publication']);

const count = z.number().int().nonnegative();
/** Session nanoseconds as text; null: the session's beginning or end. */
const momentSchema = z
  .string()
  .regex(/^-?\d+$/)
  .nullable()
  .default(null);

/** Options of the export; omitted ones use the defaults. */
export const exportOptionsSchema = z.strictObject({
  use: exportUseSchema.default('analysis'),
  /** Only these; null: all. */
  streams: z.array(idSchema).nullable().default(null),
  /** Audio: samples per second. */
  rateHz: z.number().int().min(8000).max(192_000).default(48_000),
  mono: z.boolean().default(false),
  /** Video: every frame at a multiple of the frame time, encoded again. */
  constantRate: z.boolean().default(false),
  fromNs: momentSchema,
  toNs: momentSchema,
  /** Clip: the formats to cut. */
  clipFormats: z.array(z.enum(['mp4', 'wav', 'csv'])).default(['mp4', 'wav', 'csv']),
  /** Grid: time and markers in the picture. */
  burnIn: z.boolean().default(false),
});

export const exportRequestSchema = z.strictObject({
  key: sessionKeySchema,
  format: exportFormatSchema,
  /** A new or empty folder; null: one in the data folder's `exports`. */
  folder: z.string().min(1).max(1000).nullable().default(null),
  options: exportOptionsSchema.prefault({}),
});

export const exportJobSchema = z.strictObject({
  id: count,
  key: sessionKeySchema,
  format: exportFormatSchema,
  folder: z.string(),
  /** `held`: continues from the last finished file when nothing is recorded any more. */
  state: z.enum(['queued', 'running', 'held', 'done', 'failed', 'cancelled']),
  /** 0 to 1. */
  fraction: z.number().min(0).max(1),
  /** The file being written. */
  what: z.string(),
  bytes: count,
  /** Notes on excluded, rounded or damaged data; one sentence each. */
  notes: z.array(z.string()),
  error: errorReportSchema.nullable(),
});
export type ExportJob = z.infer<typeof exportJobSchema>;
