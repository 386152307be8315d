/** The figures of a session. */
import { z } from 'zod';
import { nsText } from './review.ts';
import { idSchema } from './stream.ts';

const count = z.number().int().nonnegative();

/** Figures of one stream of a finished or running session: what `record`, `demo` and `inspect` print. */
export const streamSummarySchema = z.strictObject({
  id: idSchema,
  kind: z.enum(['video', 'audio', 'samples']),
  source: idSchema,
  /** What people call it; empty: nothing but its id. */
  label: z.string(),
  /** Frames, packets or samples a second that the device promised; null: none. */
  nominalRateHz: z.number().positive().nullable(),
  /** Packets or samples. */
  count,
  /** Session time of the first and last, nanoseconds as text; null: none, or the clock is unknown. */
  firstNs: nsText.nullable(),
  lastNs: nsText.nullable(),
  durationNs: nsText.nullable(),
  gaps: count,
  /** Sequence numbers that never came. */
  drops: count,
  /** Why most of them are missing, as in the index; empty: nothing is. */
  cause: z.string(),
  bytes: count,
  /** Offset of the publisher's clock at the middle of the session, and what it may be wrong by. */
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
