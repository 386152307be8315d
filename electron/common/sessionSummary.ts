/** The figures of a session. */
import { z } from 'zod';
import { nsText } from './review.ts';
import { idSchema } from './stream.ts';

const count = z.number().int().nonnegative();

/** Figures of one stream of a finished or running session, as printed by `record`, `demo` and `inspect`. */
export const streamSummarySchema = z.strictObject({
  id: idSchema,
  kind: z.enum(['video', 'audio', 'samples']),
  source: idSchema,
  /** Displayed name; empty: only its id. */
  label: z.string(),
  /** Frames, packets or samples per second declared by the device; null: none. */
  nominalRateHz: z.number().positive().nullable(),
  /** Packets or samples. */
  count,
  /** Session time of the first and last, nanoseconds as text; null: none, or the clock is unknown. */
  firstNs: nsText.nullable(),
  lastNs: nsText.nullable(),
  durationNs: nsText.nullable(),
  gaps: count,
  /** Sequence numbers that never arrived. */
  drops: count,
  /** The main cause of the loss, as in the index; empty: no loss. */
  cause: z.string(),
  bytes: count,
  /** Offset of the publisher's clock at the middle of the session, and its uncertainty. */
  offsetNs: nsText.nullable(),
  uncertaintyNs: z.number().nullable(),
  files: z.array(z.string()),
});
export type StreamSummary = z.infer<typeof streamSummarySchema>;

export const sessionSummarySchema = z.strictObject({
  id: z.string(),
  study: z.string(),
  state: z.string(),
  folder: z.string(),
  durationNs: nsText.nullable(),
  bytes: count,
  streams: z.array(streamSummarySchema),
});
export type SessionSummary = z.infer<typeof sessionSummarySchema>;
