/** Data that a serial port sends unprompted, and the drivers that understand it: identifies an unknown device. */
import { z } from 'zod';
import { idSchema } from './stream.ts';

export const readingSchema = z.strictObject({
  driver: idSchema,
  /** Settings for the kit that make the driver read the same data. */
  settings: z.record(z.string(), z.unknown()),
  /** Samples it decoded, and how often decoding failed. */
  samples: z.number().int().nonnegative(),
  faults: z.number().int().nonnegative(),
  /** Received lines, each with the values of the first stream; none: it gave no sample. */
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
      /** Samples per second while listening. */
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
  /** Baud rate at which data was received; null: none at any rate. */
  baudRate: z.number().nullable(),
  bytes: z.number().int().nonnegative(),
  /** The first lines, printable characters only. */
  text: z.string().max(4000),
  /** The best first; empty: no driver understands it. */
  readings: z.array(readingSchema),
});
export type Heard = z.infer<typeof heardSchema>;
