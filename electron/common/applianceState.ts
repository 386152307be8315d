/** The appliance's state, as the door sends it to all clients that may read it. */
import { z } from 'zod';
import { foundDeviceSchema } from './found.ts';
import { healthSchema } from './health.ts';
import { sourceStateSchema } from './ingest.ts';
import { nsText, sessionKeySchema } from './review.ts';
import { idSchema, participantSchema } from './stream.ts';
import { uploadNeedsSchema } from './uploads.ts';

const count = z.number().int().nonnegative();

/** Health of one stream, measured by what is on disk. */
export const streamHealthSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(['video', 'audio', 'samples']),
  /** Packets or samples safe on disk in this session. */
  count,
  bytes: count,
  missing: count,
  duplicates: count,
  gaps: count,
  /** Safe packets or samples a second over the last seconds. */
  rateHz: z.number().nonnegative(),
  /** Milliseconds since the last one that reached the engine, or since recording began; null: nothing is recorded now. */
  ageMs: z.number().nullable(),
  /** The device's declared rate; absent for events. */
  nominalRateHz: z.number().positive().optional(),
  channels: z.array(z.strictObject({ name: z.string(), unit: z.string(), type: z.string() })).optional(),
});

export const sourceHealthSchema = z.strictObject({
  id: idSchema,
  kind: z.string(),
  driver: z.string(),
  label: z.string(),
  place: z.string(),
  participant: participantSchema.nullable(),
  paused: z.boolean(),
  /** There is no real device behind it. */
  simulated: z.boolean(),
  state: sourceStateSchema.omit({ source: true }),
  /** Measured over the last seconds. */
  health: healthSchema,
  streams: z.array(streamHealthSchema),
});
export type SourceHealth = z.infer<typeof sourceHealthSchema>;

export const liveParticipantSchema = z.strictObject({
  identity: z.string(),
  name: z.string(),
  state: z.string(),
  tracks: z.array(
    z.strictObject({
      name: z.string(),
      sid: z.string(),
      kind: z.string(),
      muted: z.boolean(),
      /** Of a participant that is not the appliance: whether its track is recorded; absent while no session records. */
      recorded: z.enum(['waiting', 'recorded', 'refused']).optional(),
      /** Why it is not recorded; empty when it is. */
      reason: z.string().optional(),
    }),
  ),
});
export type LiveParticipant = z.infer<typeof liveParticipantSchema>;

export const liveStateSchema = z.strictObject({
  state: z.enum(['off', 'starting', 'running', 'restarting', 'failed', 'stopped']),
  message: z.string(),
  nextStep: z.string(),
  url: z.string().nullable(),
  room: z.string().nullable(),
  restarts: count,
  participants: z.array(liveParticipantSchema),
});
export type LiveState = z.infer<typeof liveStateSchema>;

export const sessionStateSchema = z.strictObject({
  id: z.string(),
  study: idSchema,
  name: z.string(),
  folder: z.string(),
  state: z.enum(['created', 'recording', 'paused', 'sealing', 'sealed']),
  /** Unix milliseconds of session time 0: a label. */
  startedAtMs: z.number(),
  elapsedNs: nsText,
  bytes: count,
  /** Of `sessions.list`. */
  key: sessionKeySchema,
  /** Milliseconds until it is stopped automatically; null: only by a person. */
  stopsInMs: z.number().nullable(),
});
export type SessionState = z.infer<typeof sessionStateSchema>;

/** The session continued after a crash, and nobody has confirmed yet that it should. */
export const afterCrashSchema = z.strictObject({
  /** When it continued, Unix milliseconds. */
  resumedAtMs: z.number(),
  /** It can still be ended as it was at the crash. */
  mayEndThere: z.boolean(),
  /** Milliseconds until that happens; null: not requested. */
  endsInMs: z.number().nullable(),
});
export type AfterCrash = z.infer<typeof afterCrashSchema>;

export const clockStateSchema = z.strictObject({
  publisher: z.string(),
  /** Session or engine nanoseconds minus publisher nanoseconds, now. */
  offsetNs: nsText.nullable(),
  driftPpm: z.number().nullable(),
  uncertaintyNs: z.number().nullable(),
  roundTripNs: z.number().nullable(),
  probes: count,
});

export const applianceStateSchema = z.strictObject({
  version: z.string(),
  dataFolder: z.string(),
  disk: z.strictObject({
    freeBytes: z.number().nullable(),
    bytesPerSecond: z.number(),
    minutesLeft: z.number().nullable(),
  }),
  /** All programs together, over the last seconds; `busy`: share of all cores, 0 to 1, null: not known. */
  processor: z.strictObject({ cores: count, busy: z.number().min(0).max(1).nullable() }),
  kit: z
    .strictObject({
      name: z.string(),
      study: idSchema,
      path: z.string().nullable(),
      /** Changes with each edit, so that an editor of the kit knows to read it again. */
      revision: count,
    })
    .nullable(),
  session: sessionStateSchema.nullable(),
  afterCrash: afterCrashSchema.nullable(),
  /** Sessions being sealed in the background. */
  sealing: z.array(z.strictObject({ id: z.string(), folder: z.string(), fraction: z.number() })),
  sources: z.array(sourceHealthSchema),
  /** All connected devices, including those not in the kit. */
  found: z.array(foundDeviceSchema),
  /** Devices viewed without being in the kit; their ids come from `trialOf`. */
  trials: z.array(sourceHealthSchema),
  publishers: z.array(z.strictObject({ name: z.string(), connected: z.boolean() })),
  clocks: z.array(clockStateSchema),
  live: liveStateSchema,
  uploads: uploadNeedsSchema,
  /** Current messages for the user, most severe first. */
  notices: z.array(
    z.strictObject({
      level: z.enum(['info', 'warn', 'error']),
      code: z.string(),
      message: z.string(),
      nextStep: z.string(),
    }),
  ),
});
export type ApplianceState = z.infer<typeof applianceStateSchema>;
