import { z } from 'zod';

/** Ids that become file, table and track names: lower-case letters, digits and hyphens, 1 to 64. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'must be 1-64 lower-case letters, digits or inner hyphens');

/**
 * Windows reserves these names for devices, in every folder and with any extension: files with these names cannot be
 * created there.
 */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)$/;

/** A new id: must be a valid folder name on every system. Existing sessions are read with `idSchema`. */
export const newIdSchema = idSchema.refine((id) => !RESERVED.test(id), {
  error: ({ input }) => `"${String(input)}" is a name that Windows keeps for devices: choose another`,
});

/** A pseudonym: letters, digits, `-`, `_` and `.`; never a name. */
export const participantSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be a pseudonym of 1-64 letters, digits, - _ .');

/**
 * One column of a sample stream. `number` is a float64, `integer` a whole number below 2^53, `boolean` 0 or 1,
 * `text` any string up to 64 KiB.
 */
export const channelSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, 'must start with a letter and hold letters, digits or _'),
  /** As printed on an axis: `mm`, `bpm`, `°C`; empty when the value has no unit. */
  unit: z.string().max(32).default(''),
  type: z.enum(['number', 'integer', 'boolean', 'text']).default('number'),
  label: z.string().max(120).optional(),
});
export type Channel = z.infer<typeof channelSchema>;

/** A device's description of its own time. */
export const deviceClockSchema = z.strictObject({
  /** `clock` counts time, `counter` counts samples; both in the device's own ticks. */
  kind: z.enum(['clock', 'counter']),
  /** Nanoseconds per tick, as declared by the device. */
  tickNs: z.number().positive(),
  description: z.string().max(200).default(''),
});
export type DeviceClock = z.infer<typeof deviceClockSchema>;

const common = {
  /** The stream's name everywhere: folder, table, LiveKit track. */
  id: idSchema,
  /** The kit's source that this stream comes from. */
  source: idSchema,
  label: z.string().max(200).default(''),
  place: z.string().max(200).default(''),
  participant: participantSchema.optional(),
  /** Samples or frames per second declared by the device; absent for events. */
  nominalRateHz: z.number().positive().optional(),
  /** Present if the device has its own clock or counter. */
  deviceClock: deviceClockSchema.optional(),
  /** True for simulated data; every file states it. */
  simulated: z.boolean().default(false),
  /** The device's actual properties: obtained track settings, firmware, serial number. No secrets. */
  facts: z.record(z.string(), z.unknown()).default({}),
};

/** How a media stream is decoded. `description` is the codec's private data (avcC, OpusHead) in base64. */
const videoConfig = z.strictObject({
  codec: z.string(),
  codedWidth: z.number().int().positive(),
  codedHeight: z.number().int().positive(),
  description: z.string().optional(),
});
const audioConfig = z.strictObject({
  codec: z.string(),
  sampleRate: z.number().int().positive(),
  numberOfChannels: z.number().int().positive(),
  description: z.string().optional(),
  /** Samples at 48 kHz a decoder must throw away at the start (Opus, RFC 7845 section 4.2). */
  preSkip: z.number().int().nonnegative().default(0),
});

export const streamSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('video'), ...common, config: videoConfig }),
  z.strictObject({ kind: z.literal('audio'), ...common, config: audioConfig }),
  z.strictObject({ kind: z.literal('samples'), ...common, channels: z.array(channelSchema).min(1).max(256) }),
]);
/** A stream as its publisher declares it. */
export type Stream = z.infer<typeof streamSchema>;
export type SampleStream = Extract<Stream, { kind: 'samples' }>;
export type MediaStreamInfo = Exclude<Stream, { kind: 'samples' }>;
