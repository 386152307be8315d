/** What a serial port prints unasked, and which drivers understand it: for a person who does not know what is connected. */
import { z } from 'zod';
import { idSchema } from './stream.ts';

export const readingSchema = z.strictObject({
  driver: idSchema,
  /** What a kit writes beside the driver, so that it reads the same again. */
  settings: z.record(z.string(), z.unknown()),
  /** Samples that it made of what was heard, and the times that it could not go on. */
  samples: z.number().int().nonnegative(),
  faults: z.number().int().nonnegative(),
  /** Lines as they came, each with the values that the first stream has of it; none: it gave no sample. */
  rows: z
    .array(
      z.strictObject({
        line: z.string().max(200),
        values: z.array(z.union([z.number(), z.string(), z.boolean(), z.null()])).max(256),
      }),
    )
    .max(20)
    .default([]),
  streams: z.array(
    z.strictObject({
      label: z.string(),
      /** Samples a second while it listened. */
      rateHz: z.number().nonnegative(),
      channels: z.array(
        z.strictObject({
          name: z.string(),
          unit: z.string(),
          last: z.union([z.number(), z.string(), z.boolean(), z.null()]),
        }),
      ),
    }),
  ),
});
export type Reading = z.infer<typeof readingSchema>;

export const heardSchema = z.strictObject({
  path: z.string(),
  /** Bits a second at which something was heard; null: nothing came at any rate. */
  baudRate: z.number().nullable(),
  bytes: z.number().int().nonnegative(),
  /** The first lines, as far as they can be printed. */
  text: z.string().max(4000),
  /** The best first; empty: no driver understands it. */
  readings: z.array(readingSchema),
});
export type Heard = z.infer<typeof heardSchema>;
