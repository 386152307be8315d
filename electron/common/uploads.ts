/**
 * Uploads in the door's contract: destinations, which study is uploaded where, the queue and its history. Never a
 * secret.
 */
import { z } from 'zod';
import { destinationKeysSchema, destinationSettingsSchema } from './destinations.ts';
import { errorReportSchema } from './errors.ts';
import { sessionKeySchema } from './review.ts';
import { idSchema } from './stream.ts';

const count = z.number().int().nonnegative();

export const destinationSchema = z.strictObject({
  id: idSchema,
  /** Displayed name. */
  name: z.string().trim().min(1).max(120),
  settings: destinationSettingsSchema,
  /** Keys were once entered for it; without them no upload is attempted. */
  keyed: z.boolean().default(false),
});
export type NamedDestination = z.infer<typeof destinationSchema>;

export const studyUploadSchema = z.strictObject({
  study: idSchema,
  /** Nothing of a study leaves this computer until a person turns this on. */
  on: z.boolean(),
  /** Ids of destinations; each gets every session. */
  destinations: z.array(idSchema).max(20),
});
export type StudyUpload = z.infer<typeof studyUploadSchema>;

/** Bytes per second; null: unlimited. */
const limitSchema = z.number().int().min(1024).nullable();

/** The upload settings, stored in `<data>/.fieldroom/uploading.json`. */
export const uploadPlanSchema = z.strictObject({
  version: z.literal(1).default(1),
  destinations: z.array(destinationSchema).max(100).default([]),
  studies: z.array(studyUploadSchema).default([]),
  bytesPerSecond: limitSchema.default(null),
  /** All of it. */
  paused: z.boolean().default(false),
});
export type UploadPlan = z.infer<typeof uploadPlanSchema>;

/** S3 always needs keys; others only if keys were entered. */
export const needsKeys = ({ settings, keyed }: Pick<NamedDestination, 'settings' | 'keyed'>): boolean =>
  settings.kind === 's3' || (settings.kind === 'tus' && keyed);

/** Why an unfinished upload is not running; null: it is running or next. */
export const uploadHoldSchema = z.enum([
  /** A session is being recorded. */
  'recording',
  /** All uploads are paused. */
  'paused',
  /** Uploading is off for its study, or this destination was removed. */
  'off',
  /** The keys have to be entered. */
  'keys',
  /** Others go first. */
  'turn',
]);
export type UploadHold = z.infer<typeof uploadHoldSchema>;

/** Uploads that need a person to continue. */
export const uploadNeedsSchema = z.strictObject({
  /** Failed, or cannot be sent as they are. */
  failed: count,
  /** Waiting for the keys of their destination. */
  keys: count,
});
export type UploadNeeds = z.infer<typeof uploadNeedsSchema>;

export const uploadEntrySchema = z.strictObject({
  id: count,
  study: z.string(),
  session: z.string(),
  /** The destination as text; the same destination always has the same text. */
  place: z.string(),
  /** Null: not in the current list, such as one given on the command line. */
  destination: idSchema.nullable(),
  /**
   * `waiting`: retried automatically; `failed`: a person must act; `freed`: done, and the local copy was moved to the
   * trash.
   */
  state: z.enum(['queued', 'running', 'waiting', 'paused', 'done', 'failed', 'freed']),
  hold: uploadHoldSchema.nullable(),
  bytes: count,
  /** Confirmed by the destination. */
  doneBytes: count,
  files: count,
  /** Verified there. */
  filesDone: count,
  bytesPerSecond: z.number().nonnegative(),
  secondsLeft: z.number().nullable(),
  addedMs: z.number(),
  endedMs: z.number().nullable(),
  /** Why it waits or failed. */
  error: errorReportSchema.nullable(),
  /** Unix milliseconds of the next retry; null: not planned. */
  againAtMs: z.number().nullable(),
});
export type UploadEntry = z.infer<typeof uploadEntrySchema>;

export const uploadFileSchema = z.strictObject({
  path: z.string(),
  bytes: count,
  doneBytes: count,
  state: z.enum(['pending', 'sending', 'completing', 'sent', 'verified']),
  proof: z.enum(['server-checksum', 'read-back']).nullable(),
});
export type UploadFile = z.infer<typeof uploadFileSchema>;

export const uploadsStateSchema = z.strictObject({
  destinations: z.array(
    destinationSchema.extend({
      place: z.string(),
      /** `none`: it needs none. */
      keys: z.enum(['none', 'given', 'missing']),
    }),
  ),
  studies: z.array(studyUploadSchema),
  bytesPerSecond: limitSchema,
  paused: z.boolean(),
  /** Paused because a session is being recorded. */
  recording: z.boolean(),
  /** Pending uploads in order, then the history, latest first. */
  uploads: z.array(uploadEntrySchema),
  /** Sessions that cannot be sent, and why. */
  troubles: z.array(z.strictObject({ study: z.string(), session: z.string(), error: errorReportSchema })),
  /** The uploader process; null: not needed yet. */
  pid: count.nullable(),
});
export type UploadsState = z.infer<typeof uploadsStateSchema>;

export const testStepSchema = z.strictObject({
  name: z.enum(['write', 'read back', 'remove']),
  error: errorReportSchema.optional(),
});
export type DestinationTestStep = z.infer<typeof testStepSchema>;

const upload = { id: count };
export const uploadInputs = {
  files: z.strictObject(upload),
  upload: z.strictObject(upload),
  order: z.strictObject({ ids: z.array(count).max(10_000) }),
  limit: z.strictObject({ bytesPerSecond: limitSchema }),
  pauseAll: z.strictObject({ paused: z.boolean() }),
  saveDestination: z.strictObject({
    /** Null: a new one. */
    id: idSchema.nullable(),
    name: destinationSchema.shape.name,
    settings: destinationSettingsSchema,
  }),
  destination: z.strictObject({ id: idSchema }),
  keys: z.strictObject({
    id: idSchema,
    /** Null: delete them. */
    keys: destinationKeysSchema.nullable(),
  }),
  free: z.strictObject({
    key: sessionKeySchema,
    /** Weaker proofs that a person accepts: a copy on the same disk, or in a folder that is written through a cache. */
    accept: z.array(z.enum(['same-disk', 'cache'])).default([]),
  }),
} as const;

export const uploadOutputs = {
  files: z.strictObject({ files: z.array(uploadFileSchema), total: count }),
  test: z.strictObject({ steps: z.array(testStepSchema) }),
  free: z.strictObject({ id: z.string(), place: z.string() }),
} as const;

/** See `uploads.free`. */
export type AcceptedRisk = 'same-disk' | 'cache';
