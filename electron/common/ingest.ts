/**
 * The protocol between a publisher and the engine, over the WebSocket `/v1/ingest` (token in the subprotocol, see
 * `door.ts`). Text messages are the JSON below; binary ones are the packets and samples of `wire.ts`.
 *
 *   publisher                        engine
 *   hello            ───────────▶
 *                    ◀───────────    welcome (session, sources, live)
 *   declare          ───────────▶
 *                    ◀───────────    declared (nextSeq: where the stream continues) or refused (why)
 *   packets, samples ───────────▶    (only while the session's state is `recording`)
 *                    ◀───────────    ack: safe on disk up to and including seq
 *                    ◀───────────    probe, answered at once: the clock
 *   gap, sourceState ───────────▶
 *
 * A publisher keeps unacknowledged data and sends it again after a disconnection. Sequence numbers make duplicates
 * harmless. The token names the publisher. An error in one stream is answered with `refused` and affects only that
 * stream; only an unreadable message without a stream closes the connection.
 */
import { z } from 'zod';
import { errorReportSchema } from './errors.ts';
import { foundDeviceSchema } from './found.ts';
import { heardSchema } from './heard.ts';
import { sourceSchema } from './kit.ts';
import { driverInfoSchema } from './settingsForm.ts';
import { idSchema, streamSchema } from './stream.ts';

export const INGEST_PROTOCOL = 1;

const handle = z.number().int().min(0).max(65_535);
const count = z.number().int().nonnegative();
/** Whole nanoseconds of the publisher's clock. */
const publisherNs = z.number().int();

/** Status of a source, as shown in the window. */
export const sourceStateSchema = z.strictObject({
  source: idSchema,
  state: z.enum(['searching', 'choosing', 'opening', 'streaming', 'silent', 'paused', 'error']),
  /** One plain sentence; empty without an error. */
  message: z.string().max(500).default(''),
  /** The next step; empty if there is none. */
  nextStep: z.string().max(500).default(''),
  /** Error code: `device.port-busy`; empty without an error. */
  code: z.string().max(80).default(''),
  /** The system's name of the recorded device. */
  device: z.string().max(300).default(''),
  /** Identical devices among which a person must choose: `choosing` only. */
  candidates: z
    .array(z.strictObject({ label: z.string().max(300), match: z.record(z.string(), z.string()) }))
    .max(64)
    .default([]),
});
export type SourceState = z.infer<typeof sourceStateSchema>;
/** Initial state of each source. */
export const searching = (source: string): SourceState => sourceStateSchema.parse({ source, state: 'searching' });

export const gapSchema = z.strictObject({
  type: z.literal('gap'),
  handle,
  fromNs: publisherNs,
  /** Null while it lasts: a later gap message with the same `fromNs` ends it. */
  toNs: publisherNs.nullable(),
  /** Cause code: `device-lost`, `paused`, `queue-full`, `frames-lost`, `flood`, `checksum`, `frozen`, ... */
  cause: z.string().min(1).max(80),
  /** Frames or samples known to be missing, or null when they cannot be counted. */
  lost: count.nullable(),
  detail: z.string().max(500).default(''),
});
export type GapMessage = z.infer<typeof gapSchema>;

export const publisherMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.literal(INGEST_PROTOCOL),
    /** Must be the name in the token. */
    publisher: idSchema.optional(),
    /** New for each run of the publishing process, since its clock's zero changes. */
    epoch: z.string().min(8).max(64),
    /** Resolution of the timestamp clock, in nanoseconds. */
    clockResolutionNs: z.number().positive(),
  }),
  /**
   * Repeating it with the same handle changes the configuration. Different columns make another stream with a new
   * handle.
   */
  z.strictObject({ type: z.literal('declare'), handle, stream: streamSchema }),
  /** The stream ends: its source was removed from the kit. Later sessions do not include it. */
  z.strictObject({ type: z.literal('withdraw'), handle }),
  gapSchema,
  z.strictObject({ type: z.literal('sourceState'), ...sourceStateSchema.shape }),
  z.strictObject({
    type: z.literal('event'),
    level: z.enum(['info', 'warn', 'error']),
    code: z.string().max(80),
    message: z.string().max(2000),
    atNs: publisherNs,
  }),
  z.strictObject({
    type: z.literal('probeReply'),
    wave: count,
    n: count,
    t0: z.number(),
    t1: publisherNs,
    t2: publisherNs,
  }),
  /** Queue figures since the process began, for the operator's health display. */
  z.strictObject({
    type: z.literal('stats'),
    handle,
    produced: count,
    dropped: count,
    bufferedBytes: count,
    /**
     * Of a camera or microphone: frames received, frames dropped because the encoder was behind, and frames queued in
     * it.
     */
    read: count.optional(),
    slow: count.optional(),
    queue: count.optional(),
  }),
  /** Small picture of a source while somebody watches, base64 JPEG; never recorded. */
  z.strictObject({
    type: z.literal('previewFrame'),
    source: idSchema,
    jpeg: z.string().max(400_000),
    width: z.number().int(),
    height: z.number().int(),
    /** Mean of all pixels, 0 to 255. */
    brightness: z.number().min(0).max(255).optional(),
  }),
  /** Peak level of a microphone since the last one, 0 to 1; never recorded. */
  z.strictObject({ type: z.literal('level'), source: idSchema, peak: z.number().min(0).max(1) }),
  /** Samples of a sensor outside of a session, while somebody watches: [publisher ns, ...values]; never recorded. */
  z.strictObject({
    type: z.literal('previewRows'),
    stream: idSchema,
    rows: z.array(z.array(z.union([z.number(), z.string(), z.null()]))).max(64),
  }),
  /** All connected devices that this publisher can open; sent again after each change. */
  z.strictObject({ type: z.literal('found'), devices: z.array(foundDeviceSchema).max(256) }),
  /** The drivers of this publisher, sent after connecting: Setup offers them and builds forms from them. */
  z.strictObject({ type: z.literal('drivers'), drivers: z.array(driverInfoSchema).max(256) }),
  /** The answer to `listen`; `error` if the port could not be opened. */
  z.strictObject({
    type: z.literal('heard'),
    path: z.string(),
    heard: heardSchema.nullable(),
    error: errorReportSchema.nullable(),
  }),
  /** All of this publisher's data for the session was sent before this message. */
  z.strictObject({ type: z.literal('drained'), session: z.string() }),
]);
export type PublisherMessage = z.infer<typeof publisherMessageSchema>;

/** The session's state for a publisher, which sends data only while `recording`. */
export const ingestSessionSchema = z.strictObject({
  id: z.string(),
  state: z.enum(['recording', 'paused', 'sealing']),
  /** Sources paused by a person or by the recorder, which send nothing. */
  pausedSources: z.array(idSchema),
  /** The cause of the gap of each; default `paused`. */
  pauseCauses: z.record(idSchema, z.string().min(1).max(80)).optional(),
});
export type IngestSession = z.infer<typeof ingestSessionSchema>;

export const engineMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('welcome'),
    session: ingestSessionSchema.nullable(),
    sources: z.array(sourceSchema),
    live: z.boolean(),
  }),
  /** `stream`: the id under which it is recorded, where that differs from the declared one (its columns changed). */
  z.strictObject({ type: z.literal('declared'), handle, nextSeq: count, stream: idSchema.optional() }),
  /**
   * This stream is not accepted; other streams are unaffected. Data for the handle is dropped until it is declared
   * again.
   */
  z.strictObject({
    type: z.literal('refused'),
    handle,
    code: z.string(),
    message: z.string(),
    nextStep: z.string().default(''),
  }),
  z.strictObject({ type: z.literal('ack'), acks: z.array(z.tuple([handle, count])) }),
  z.strictObject({ type: z.literal('session'), session: ingestSessionSchema.nullable() }),
  z.strictObject({ type: z.literal('sources'), sources: z.array(sourceSchema) }),
  /**
   * Paused sources and causes, with or without a session: the publisher sends nothing from them, not even previews or
   * levels.
   */
  z.strictObject({ type: z.literal('pauses'), sources: z.record(idSchema, z.string().min(1).max(80)) }),
  /** Whether unrecorded data is shown live: packets then carry the flag `LIVE_ONLY`. */
  z.strictObject({ type: z.literal('live'), live: z.boolean() }),
  /** A live viewer of this stream needs a key frame: encode the next frame as one. */
  z.strictObject({ type: z.literal('keyFrame'), stream: idSchema }),
  z.strictObject({ type: z.literal('probe'), wave: count, n: count, t0: z.number() }),
  /** Start or stop preview pictures and levels for viewers. */
  z.strictObject({ type: z.literal('preview'), watching: z.boolean() }),
  /** Identify the data on a serial port and the driver that understands it; answered by `heard`. */
  z.strictObject({ type: z.literal('listen'), path: z.string() }),
  z.strictObject({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
export type EngineMessage = z.infer<typeof engineMessageSchema>;
