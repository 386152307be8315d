/**
 * The door: the engine's one API. Every part of the system and every guest is a client of it.
 *
 *   POST /v1/call/<name>   one call of `calls`: JSON in, JSON out, `Authorization: Bearer <token>`
 *   WS   /v1/events        state and events, pushed as `doorEventSchema` (subprotocols `fieldroom`, `token.<token>`)
 *   WS   /v1/ingest        the protocol of `ingest.ts` (same subprotocols)
 *   GET  /v1/media/<key>/<stream>/<file>   bytes of a session's media, by `Range`; operator's token as above
 *   GET  /v1/health        200 and `{ok: true}`, without a token; with `token` (its body) and `nonce` also the engine's `proof`
 *                          (`doorProof.ts`), which a client asks for before it sends its token
 *
 * An error has status 4xx/5xx and `{error: ErrorReport}`. A token is bound to a role, a name and an expiry; a publisher's
 * also to its kind.
 */
import { z } from 'zod';
import { applianceStateSchema, sessionStateSchema } from './applianceState.ts';
import { errorReportSchema } from './errors.ts';
import { exportJobSchema, exportRequestSchema } from './exports.ts';
import { heardSchema } from './heard.ts';
import { kitSchema, sourceSchema } from './kit.ts';
import { kitEditSchema } from './kitEdit.ts';
import {
  nsText,
  packetIndexSchema,
  plotSchema,
  reviewInputs,
  reviewSessionSchema,
  sampleWindowSchema,
  sessionEntrySchema,
  trashedSchema,
  valuesAtSchema,
  verdictSchema,
} from './review.ts';
import { sessionSummarySchema } from './sessionSummary.ts';
import { driverInfoSchema } from './settingsForm.ts';
import { idSchema, newIdSchema, participantSchema } from './stream.ts';
import { studySchema, writtenStudySchema } from './study.ts';
import { studyUploadSchema, uploadInputs, uploadOutputs, uploadsStateSchema } from './uploads.ts';

export { errorReportSchema } from './errors.ts';

export const DOOR_SUBPROTOCOL = 'fieldroom';
export const TOKEN_SUBPROTOCOL_PREFIX = 'token.';

/**
 * `operator` may do everything; a `publisher` delivers the sources that belong to its kind and name
 * (`engine/sources/publisherKinds.ts`); `viewer` reads state; `guest` is a person or program in the room, with the
 * rights that its LiveKit token gives, and reads nothing else.
 */
export const roleSchema = z.enum(['operator', 'publisher', 'viewer', 'guest']);
export type Role = z.infer<typeof roleSchema>;

const empty = z.strictObject({});
const ok = z.strictObject({ ok: z.literal(true) });
const count = z.number().int().nonnegative();

/** The complete kit in use; `canUndo`: there is an edit to undo. */
const kitInUse = z.strictObject({
  kit: kitSchema,
  path: z.string().nullable(),
  revision: count,
  canUndo: z.boolean(),
});

interface Call {
  roles: readonly Role[];
  input: z.ZodType;
  output: z.ZodType;
  /** A one-sentence description. */
  about: string;
}

const call = <I extends z.ZodType, O extends z.ZodType>(roles: readonly Role[], about: string, input: I, output: O) =>
  ({ roles, about, input, output }) satisfies Call;

const OPERATOR = ['operator'] as const;
const READERS = ['operator', 'viewer'] as const;

export const calls = {
  'state.get': call(READERS, 'The complete state shown in the operator window.', empty, applianceStateSchema),
  'kit.load': call(
    OPERATOR,
    'Takes a kit into use; sources open at once. Refused while a session records.',
    z.strictObject({
      kit: kitSchema,
      path: z.string().nullable(),
      /** For a file outside the store: proof that a person chose it in an app dialog or on the command line. */
      grant: z.string().max(200).optional(),
    }),
    ok,
  ),
  'kit.get': call(OPERATOR, 'The complete kit in use; null: none.', empty, kitInUse.nullable()),
  'kit.save': call(
    OPERATOR,
    'Takes a kit into use and writes it: over the file in use when `path` is that, else as a new stored file (null).',
    z.strictObject({ kit: kitSchema, path: z.string().nullable() }),
    z.strictObject({ path: z.string(), revision: count }),
  ),
  'kit.edit': call(
    OPERATOR,
    'Changes the kit in use by one step, in the order of the calls, and writes it. Refused while a session records.',
    kitEditSchema,
    kitInUse,
  ),
  'kit.undo': call(OPERATOR, 'Undoes the last edit.', empty, kitInUse),
  'kits.list': call(
    OPERATOR,
    'The kits of this laptop, the one used last first; a damaged one with what is wrong with it.',
    empty,
    z.array(
      z.strictObject({
        name: z.string(),
        path: z.string(),
        sources: count,
        changedAtMs: z.number(),
        trouble: errorReportSchema.nullable(),
      }),
    ),
  ),
  'kit.open': call(OPERATOR, 'Switches to a stored kit.', z.strictObject({ path: z.string() }), ok),
  'kit.delete': call(
    OPERATOR,
    'Moves a stored kit aside; refused for the one in use.',
    z.strictObject({ path: z.string() }),
    ok,
  ),
  'studies.list': call(OPERATOR, 'Ids of all studies in the data folder.', empty, z.array(idSchema)),
  'study.get': call(
    OPERATOR,
    'Roster, absences and marker names of a study; one that was never described is empty.',
    z.strictObject({ id: idSchema }),
    studySchema,
  ),
  'study.save': call(OPERATOR, 'Saves a study.', z.strictObject({ study: writtenStudySchema }), ok),
  'session.start': call(
    OPERATOR,
    'Creates a session and records.',
    z.strictObject({
      study: newIdSchema.optional(),
      name: z.string().max(200).default(''),
      /** Stop automatically after this many seconds. */
      stopAfterS: z.number().int().min(1).max(86_400).optional(),
    }),
    sessionStateSchema,
  ),
  'session.stopAfter': call(
    OPERATOR,
    'The session is stopped so many seconds from now; null: only by a person.',
    z.strictObject({ seconds: z.number().int().min(1).max(86_400).nullable() }),
    ok,
  ),
  'session.pause': call(
    OPERATOR,
    'Pauses the session: a gap with its cause in every stream.',
    empty,
    sessionStateSchema,
  ),
  'session.resume': call(OPERATOR, 'Resumes after a pause.', empty, sessionStateSchema),
  'session.stop': call(OPERATOR, 'Ends the session; sealing continues in the background.', empty, sessionStateSchema),
  'session.afterCrash': call(
    OPERATOR,
    'Of a session that goes on after a crash: it ends as it was at the crash some seconds from now; not so after all; it goes on for good.',
    z.strictObject({ choice: z.enum(['end-there', 'undo', 'go-on']) }),
    ok,
  ),
  'session.sealed': call(
    OPERATOR,
    'Waits until a session is sealed, and tells its figures.',
    z.strictObject({ id: z.string() }),
    sessionSummarySchema,
  ),
  'source.pause': call(
    OPERATOR,
    'Pauses or resumes one source: while paused nothing leaves its process.',
    z.strictObject({ source: idSchema, paused: z.boolean() }),
    ok,
  ),
  'source.choose': call(
    OPERATOR,
    'Says which of several identical devices a source means; kept in the kit in use.',
    z.strictObject({ source: idSchema, match: z.record(z.string(), z.string()) }),
    ok,
  ),
  'devices.drivers': call(
    OPERATOR,
    'What the device host can read, with the form of its settings; empty until it has started.',
    empty,
    z.array(driverInfoSchema),
  ),
  'devices.listen': call(
    OPERATOR,
    'Listens to a serial port for some seconds, and tells which drivers understand what it prints. Not while a session records.',
    z.strictObject({ path: z.string().min(1).max(400) }),
    heardSchema,
  ),
  'devices.try': call(
    OPERATOR,
    'Shows these devices, which are in no kit, for the next seconds: ask again to go on, with none to end. Not while a session records.',
    z.strictObject({ sources: z.array(sourceSchema).max(64) }),
    ok,
  ),
  'marker.add': call(
    OPERATOR,
    'Sets a marker at the current session time, or at the given one.',
    z.strictObject({
      code: z.string().min(1).max(80),
      note: z.string().max(2000).default(''),
      atNs: nsText.optional(),
    }),
    z.strictObject({ atNs: nsText }),
  ),
  'assignment.set': call(
    OPERATOR,
    'Who wears or uses a source from now on; null: nobody.',
    z.strictObject({ source: idSchema, participant: participantSchema.nullable() }),
    ok,
  ),
  'token.create': call(
    OPERATOR,
    'URL and token for any LiveKit client of this appliance.',
    z.strictObject({
      identity: participantSchema,
      publish: z.boolean().default(false),
      ttlSeconds: z.number().int().min(10).max(86_400).default(21_600),
    }),
    z.strictObject({ url: z.string(), token: z.string(), room: z.string() }),
  ),
  'sessions.list': call(
    OPERATOR,
    'The sessions of the data folder and those opened from elsewhere, the newest first; every word searched for is in them.',
    reviewInputs.list,
    z.strictObject({ sessions: z.array(sessionEntrySchema) }),
  ),
  'sessions.open': call(
    OPERATOR,
    'Takes a session folder from anywhere into the list: a memory stick, another disk.',
    reviewInputs.open,
    sessionEntrySchema,
  ),
  'sessions.verify': call(
    OPERATOR,
    'Checks every byte of a session against its checksums; answers when done. A receipt is laid beside it.',
    reviewInputs.session,
    verdictSchema,
  ),
  'sessions.delete': call(
    OPERATOR,
    'Moves a session to the trash. One that is stored nowhere else only when its name is typed.',
    reviewInputs.delete,
    z.strictObject({ id: z.string() }),
  ),
  'sessions.describe': call(
    OPERATOR,
    'Names a session, its notes and the fields of its study, also while it is recorded; kept in annotations.sqlite.',
    reviewInputs.describe,
    ok,
  ),
  'sessions.report': call(
    OPERATOR,
    'The timing report of a sealed session: HTML without script.',
    reviewInputs.session,
    z.strictObject({ html: z.string() }),
  ),
  'trash.list': call(OPERATOR, 'Deleted sessions.', empty, z.strictObject({ sessions: z.array(trashedSchema) })),
  'trash.restore': call(
    OPERATOR,
    'Puts a deleted session back where it was.',
    reviewInputs.restore,
    z.strictObject({ folder: z.string() }),
  ),
  'trash.empty': call(OPERATOR, 'Deletes permanently.', empty, z.strictObject({ freedBytes: count })),
  'uploads.free': call(
    OPERATOR,
    'Reads every file of a session back from its destination, and moves the session to the trash when all of them are right.',
    uploadInputs.free,
    uploadOutputs.free,
  ),
  'uploads.get': call(
    OPERATOR,
    'Destinations, which study goes where, the queue, its history.',
    empty,
    uploadsStateSchema,
  ),
  'uploads.files': call(
    OPERATOR,
    'The files of one upload, unfinished ones first.',
    uploadInputs.files,
    uploadOutputs.files,
  ),
  'uploads.study': call(
    OPERATOR,
    'Turns uploading of a study on or off, and says where it goes. Off: nothing of it leaves this computer.',
    studyUploadSchema,
    ok,
  ),
  'uploads.pauseAll': call(OPERATOR, 'Pauses or resumes all uploads.', uploadInputs.pauseAll, ok),
  'uploads.pause': call(OPERATOR, 'Pauses one upload.', uploadInputs.upload, ok),
  'uploads.resume': call(OPERATOR, 'Resumes or immediately retries one upload.', uploadInputs.upload, ok),
  'uploads.order': call(OPERATOR, 'Moves these uploads to the front, in this order.', uploadInputs.order, ok),
  'uploads.limit': call(OPERATOR, 'Total upload limit, bytes per second.', uploadInputs.limit, ok),
  'uploads.forget': call(
    OPERATOR,
    'Takes an upload out of the queue or the history. Nothing is deleted, here or there.',
    uploadInputs.upload,
    ok,
  ),
  'destinations.save': call(
    OPERATOR,
    'Names a destination, or changes one. Contacts nobody.',
    uploadInputs.saveDestination,
    z.strictObject({ id: idSchema }),
  ),
  'destinations.delete': call(OPERATOR, 'Deletes a destination and its keys.', uploadInputs.destination, ok),
  'destinations.keys': call(
    OPERATOR,
    'Keys of a destination, kept in memory alone: the app keeps them encrypted and gives them anew.',
    uploadInputs.keys,
    ok,
  ),
  'destinations.test': call(
    OPERATOR,
    'Writes, reads back and removes a small object, and tells what failed.',
    uploadInputs.destination,
    uploadOutputs.test,
  ),
  'review.session': call(
    OPERATOR,
    'Streams, gaps, markers and who wore what of a session, also while it is recorded.',
    reviewInputs.session,
    reviewSessionSchema,
  ),
  'review.packets': call(
    OPERATOR,
    'Time and place of the packets of a media stream.',
    reviewInputs.packets,
    packetIndexSchema,
  ),
  'review.plot': call(
    OPERATOR,
    'A channel in about the given number of buckets of min, max and mean.',
    reviewInputs.plot,
    plotSchema,
  ),
  'review.samples': call(OPERATOR, 'Samples in a time range.', reviewInputs.samples, sampleWindowSchema),
  'review.values': call(
    OPERATOR,
    'The newest sample of every stream at a moment.',
    reviewInputs.valuesAt,
    z.strictObject({ values: valuesAtSchema }),
  ),
  'review.addMarker': call(
    OPERATOR,
    'Adds a marker afterwards, in annotations.sqlite.',
    reviewInputs.addMarker,
    z.strictObject({ id: count }),
  ),
  'review.correctMarker': call(
    OPERATOR,
    'Moves, rewords or takes away a marker, in annotations.sqlite.',
    reviewInputs.correctMarker,
    ok,
  ),
  'exports.start': call(
    OPERATOR,
    'Writes a session in a format of the lab, after those that were asked for before. The session is not changed.',
    exportRequestSchema,
    exportJobSchema,
  ),
  'exports.list': call(
    OPERATOR,
    'Exports of this run of the recorder, the newest first.',
    empty,
    z.strictObject({ jobs: z.array(exportJobSchema) }),
  ),
  'exports.cancel': call(
    OPERATOR,
    'Ends an export and removes what it had written.',
    z.strictObject({ id: count }),
    ok,
  ),
  'appliance.attend': call(
    OPERATOR,
    'The app on this machine looks after the engine that another life of it started (its process), or leaves it (null).',
    z.strictObject({ pid: z.number().int().positive().nullable() }),
    ok,
  ),
  'appliance.shutdown': call(
    OPERATOR,
    'Ends the engine and its children; refused while a session records unless forced.',
    z.strictObject({ force: z.boolean().default(false) }),
    ok,
  ),
} as const;

export type CallName = keyof typeof calls;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['input']>;
export type CallOutput<N extends CallName> = z.output<(typeof calls)[N]['output']>;

/** Messages sent by `/v1/events`. After `subscribe` the first one is a `state`. */
export const doorEventSchema = z.discriminatedUnion('type', [
  /** The whole state: on each significant change, and at least once per second. */
  z.strictObject({ type: z.literal('state'), state: applianceStateSchema }),
  /** Live samples for plots: [session or engine seconds, ...values]. */
  z.strictObject({
    type: z.literal('samples'),
    stream: idSchema,
    rows: z.array(z.array(z.union([z.number(), z.string(), z.null()]))),
  }),
  /** Peak level of a microphone, 0 to 1, about ten times per second. */
  z.strictObject({ type: z.literal('level'), source: idSchema, peak: z.number().min(0).max(1) }),
  /** A small JPEG of a camera or screen, base64. */
  z.strictObject({
    type: z.literal('preview'),
    source: idSchema,
    jpeg: z.string(),
    width: z.number().int(),
    height: z.number().int(),
  }),
  z.strictObject({
    type: z.literal('event'),
    level: z.enum(['info', 'warn', 'error']),
    code: z.string(),
    message: z.string(),
    at: z.string(),
  }),
]);
export type DoorEvent = z.infer<typeof doorEventSchema>;

/** Messages that a client of `/v1/events` may send. */
export const eventsRequestSchema = z.strictObject({
  type: z.literal('watch'),
  previews: z.boolean(),
  samples: z.boolean(),
});
