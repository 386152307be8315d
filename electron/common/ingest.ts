/**
 * The conversation of a publisher with the engine, over the WebSocket `/v1/ingest` (token in the subprotocol, see
 * `door.ts`). Text messages are the JSON below; binary ones are the packets and samples of `wire.ts`.
 *
 *   publisher                        engine
 *   hello            ───────────▶
 *                    ◀───────────    welcome (session, sources, live)
 *   declare          ───────────▶
 *                    ◀───────────    declared (nextSeq: where the stream continues) or refused (why)
 *   packets, samples ───────────▶    (only while the session's state is `recording`)
 *                    ◀───────────    ack: safe on disk up to and with seq
 *                    ◀───────────    probe, answered at once: the clock
 *   gap, sourceState ───────────▶
 *
 * A publisher keeps what is not acknowledged and sends it again after a break. Sequence numbers make twice harmless.
 * The token names the publisher. What is wrong with one stream is told by `refused` and concerns that stream alone; only
 * a message that names no stream and cannot be read closes the connection.
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

/** What a source is doing, in the words that the window shows. */
export const sourceStateSchema = z.strictObject({
  source: idSchema,
  state: z.enum(['searching', 'choosing', 'opening', 'streaming', 'silent', 'paused', 'error']),
  /** One plain sentence; empty while all is well. */
  message: z.string().max(500).default(''),
  /** What a person can do about it; empty when nothing. */
  nextStep: z.string().max(500).default(''),
  /** Machine word of the trouble: `device.port-busy`; empty while all is well. */
  code: z.string().max(80).default(''),
  /** What is being recorded from, as the system names it. */
  device: z.string().max(300).default(''),
  /** Identical devices among which a person must choose: `choosing` only. */
  candidates: z
    .array(z.strictObject({ label: z.string().max(300), match: z.record(z.string(), z.string()) }))
    .max(64)
    .default([]),
});
export type SourceState = z.infer<typeof sourceStateSchema>;
/** How each source begins. */
export const searching = (source: string): SourceState => sourceStateSchema.parse({ source, state: 'searching' });

export const gapSchema = z.strictObject({
  type: z.literal('gap'),
  handle,
  fromNs: publisherNs,
  /** Null while it lasts: a later gap message with the same `fromNs` ends it. */
  toNs: publisherNs.nullable(),
  /** Short machine word: `device-lost`, `paused`, `queue-full`, `frames-lost`, `flood`, `checksum`, `frozen`, ... */
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
    /** The name that the token gives; another one is refused. */
    publisher: idSchema.optional(),
    /** New for each life of the publishing process: its clock's zero. */
    epoch: z.string().min(8).max(64),
    /** Step of the clock that stamps, in nanoseconds. */
    clockResolutionNs: z.number().positive(),
  }),
  /** Again with the same handle: a new configuration. Other columns are another stream and take a new handle. */
  z.strictObject({ type: z.literal('declare'), handle, stream: streamSchema }),
  /** The stream ends here: its source left the kit. Later sessions do not have it. */
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
    /** Of a camera or microphone: frames that came, those dropped because the encoder was behind, and those waiting in it. */
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
  /** All that is plugged in and that this publisher could open, again after each change. */
  z.strictObject({ type: z.literal('found'), devices: z.array(foundDeviceSchema).max(256) }),
  /** What this publisher can read, once it is connected: Setup offers it, and draws forms from it. */
  z.strictObject({ type: z.literal('drivers'), drivers: z.array(driverInfoSchema).max(256) }),
  /** The answer to `listen`; `error` where the port could not be opened. */
  z.strictObject({
    type: z.literal('heard'),
    path: z.string(),
    heard: heardSchema.nullable(),
    error: errorReportSchema.nullable(),
  }),
  /** All of the session that this publisher has was sent before this message. */
  z.strictObject({ type: z.literal('drained'), session: z.string() }),
]);
export type PublisherMessage = z.infer<typeof publisherMessageSchema>;

/** What a publisher is told of the session; it sends data only while `recording`. */
export const ingestSessionSchema = z.strictObject({
  id: z.string(),
  state: z.enum(['recording', 'paused', 'sealing']),
  /** Sources that send nothing: a person paused them, or the recorder did. */
  pausedSources: z.array(idSchema),
  /** The cause of the gap of each; `paused` where it is missing. */
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
  /** This stream is not taken, and nothing else changes. Data for the handle is dropped until it is declared again. */
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
  /** What is paused now, in a session or not, and why: nothing of it leaves the publisher, no preview and no level either. */
  z.strictObject({ type: z.literal('pauses'), sources: z.record(idSchema, z.string().min(1).max(80)) }),
  /** Whether what is not recorded is shown live: packets then carry the flag `LIVE_ONLY`. */
  z.strictObject({ type: z.literal('live'), live: z.boolean() }),
  /** Somebody who looks at this stream live needs a complete picture: the next one becomes a key frame. */
  z.strictObject({ type: z.literal('keyFrame'), stream: idSchema }),
  z.strictObject({ type: z.literal('probe'), wave: count, n: count, t0: z.number() }),
  /** Start or stop small preview pictures and levels for people who watch. */
  z.strictObject({ type: z.literal('preview'), watching: z.boolean() }),
  /** Find out what a serial port prints and which driver understands it; answered by `heard`. */
  z.strictObject({ type: z.literal('listen'), path: z.string() }),
  z.strictObject({ type: z.literal('error'), code: z.string(), message: z.string() }),
]);
export type EngineMessage = z.infer<typeof engineMessageSchema>;
