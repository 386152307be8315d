/** Finished and running sessions in the door's contract: the list, one session's description, and its data by time. */
import { z } from 'zod';
import { idSchema } from './stream.ts';
import { localDay } from './study.ts';

/** A bigint of nanoseconds as decimal text: JSON has no 64-bit numbers. */
export const nsText = z.string().regex(/^-?\d{1,19}$/, 'must be whole nanoseconds as text');
const count = z.number().int().nonnegative();
/** Session nanoseconds as a number: exact to 104 days, and a hundred times cheaper to send in bulk. */
const ns = z.number();

const trouble = z.strictObject({ code: z.string(), message: z.string(), nextStep: z.string().optional() });

/** Opaque id of a session's folder on this recorder; stable for the folder, different for copies of it. */
export const sessionKeySchema = z.string().regex(/^[A-Za-z0-9_-]{16}$/, 'must be a key of sessions.list');

/**
 * `unfinished`: a recording that ended without sealing. `verified`: every byte matched its checksum, and the folder has
 * not changed since. `damaged`: files are missing or verification found errors. `unreadable`: of a newer version.
 */
export const reviewStateSchema = z.enum([
  'recording',
  'paused',
  'sealing',
  'unfinished',
  'sealed',
  'verified',
  'damaged',
  'unreadable',
]);
export type ReviewState = z.infer<typeof reviewStateSchema>;

export const sessionEntrySchema = z.strictObject({
  key: sessionKeySchema,
  id: z.string(),
  study: z.string(),
  name: z.string(),
  notes: z.string(),
  /** Values of the fields that the study defines, by name. */
  fields: z.record(z.string(), z.string()),
  folder: z.string(),
  state: reviewStateSchema,
  /** Unix milliseconds of session time 0; null: unknown. */
  startedAtMs: z.number().nullable(),
  durationNs: nsText.nullable(),
  bytes: count,
  participants: z.array(z.string()),
  streams: z.strictObject({ video: count, audio: count, samples: count }),
  gaps: count,
  missing: count,
  /** How often the recorder crashed and resumed it. */
  interruptions: count,
  markers: count,
  simulated: z.boolean(),
  /** It is outside the data folder, for example on a USB stick. */
  elsewhere: z.boolean(),
  /** Receipts beside it prove that a complete copy is stored elsewhere. */
  uploaded: z.boolean(),
  exported: z.boolean(),
  /** It has a timing report: `timing.html` in its folder. */
  report: z.boolean(),
  /** 0 to 1 while it is being verified. */
  verifying: z.number().min(0).max(1).nullable(),
  verifiedAtMs: z.number().nullable(),
  /** Its problem, in one sentence. */
  trouble: trouble.nullable(),
});
export type SessionEntry = z.infer<typeof sessionEntrySchema>;

export const findingSchema = z.strictObject({ code: z.string(), where: z.string(), message: z.string() });

export const verdictSchema = z.strictObject({
  ok: z.boolean(),
  /** The first hundred; `total` counts all. */
  findings: z.array(findingSchema),
  total: count,
  checked: z.strictObject({ files: count, bytes: count, packets: count, samples: count, batches: count }),
});
export type Verdict = z.infer<typeof verdictSchema>;

export const trashedSchema = z.strictObject({
  /** Name of its folder in the trash. */
  id: z.string(),
  study: z.string(),
  session: z.string(),
  deletedAtMs: z.number(),
  bytes: count,
  /** The command line keeps it until then; absent: it may be deleted immediately. */
  keptUntilMs: z.number().optional(),
});
export type Trashed = z.infer<typeof trashedSchema>;

export const reviewStreamSchema = z.strictObject({
  id: idSchema,
  kind: z.enum(['video', 'audio', 'samples']),
  source: z.string(),
  label: z.string(),
  place: z.string(),
  participant: z.string().nullable(),
  simulated: z.boolean(),
  count,
  firstNs: nsText.nullable(),
  lastNs: nsText.nullable(),
  uncertaintyNs: z.number().nullable(),
  /** Of samples only. */
  channels: z.array(z.strictObject({ name: z.string(), unit: z.string(), type: z.string(), label: z.string() })),
});
export type ReviewStream = z.infer<typeof reviewStreamSchema>;

export const reviewMarkerSchema = z.strictObject({
  /** `recorded`: set while recording, in the index; `added`: set afterwards, in `annotations.sqlite`. */
  origin: z.enum(['recorded', 'added']),
  id: count,
  atNs: nsText,
  code: z.string(),
  note: z.string(),
  author: z.string(),
  /** It was changed after the recording. */
  corrected: z.boolean(),
});
export type ReviewMarker = z.infer<typeof reviewMarkerSchema>;

export const reviewGapSchema = z.strictObject({
  stream: idSchema,
  fromNs: nsText.nullable(),
  /** Null: it had not ended. */
  toNs: nsText.nullable(),
  cause: z.string(),
  missing: count,
  detail: z.string(),
});
export type ReviewGap = z.infer<typeof reviewGapSchema>;

export const reviewSessionSchema = z.strictObject({
  key: sessionKeySchema,
  id: z.string(),
  study: z.string(),
  name: z.string(),
  notes: z.string(),
  fields: z.record(z.string(), z.string()),
  /** It is still being recorded: query again for new data. */
  live: z.boolean(),
  zeroWallMs: z.number(),
  durationNs: nsText,
  simulated: z.boolean(),
  streams: z.array(reviewStreamSchema),
  gaps: z.array(reviewGapSchema),
  markers: z.array(reviewMarkerSchema),
  /** The participant who wears or uses a source from `atNs` on; null: nobody. */
  assignments: z.array(z.strictObject({ atNs: nsText, source: z.string(), participant: z.string().nullable() })),
  /** Fixed points of the floor plan, in mm. */
  anchors: z.array(z.strictObject({ id: z.string(), x: z.number(), y: z.number() })),
});
export type ReviewSession = z.infer<typeof reviewSessionSchema>;

/** Packets of a media stream by column, in order. `file` is an index into `files`. */
export const packetIndexSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      /** In the form of the media route: `camera-front/0001.mkv`. */
      path: z.string(),
      codec: z.string(),
      /** Codec's private data, base64. */
      description: z.string().nullable(),
      width: z.number().nullable(),
      height: z.number().nullable(),
      sampleRate: z.number().nullable(),
      channels: z.number().nullable(),
      preSkip: z.number(),
    }),
  ),
  seq: z.array(count),
  ns: z.array(ns),
  durationNs: z.array(ns),
  key: z.array(z.boolean()),
  file: z.array(count),
  offset: z.array(count),
  length: z.array(count),
});
export type PacketIndex = z.infer<typeof packetIndexSchema>;

export const plotSchema = z.strictObject({
  /** Middle of each bucket. */
  ns: z.array(ns),
  min: z.array(z.number().nullable()),
  max: z.array(z.number().nullable()),
  mean: z.array(z.number().nullable()),
});
export type Plot = z.infer<typeof plotSchema>;

const value = z.union([z.number(), z.string(), z.null()]);
export const sampleWindowSchema = z.strictObject({
  seq: z.array(count),
  ns: z.array(ns),
  /** Null: no bounds stated. */
  uncertaintyNs: z.array(z.number().nullable()),
  /** By channel. */
  values: z.array(z.array(value)),
});
export type ReviewSamples = z.infer<typeof sampleWindowSchema>;

/** The newest sample of a stream at or before a moment. */
export const valuesAtSchema = z.array(z.strictObject({ stream: idSchema, seq: count, ns, values: z.array(value) }));
export type ValuesAt = z.infer<typeof valuesAtSchema>;

const session = { key: sessionKeySchema };
const span = { stream: idSchema, fromNs: nsText, toNs: nsText };
const markerText = { code: z.string().trim().min(1).max(80), note: z.string().max(2000) };

export const reviewInputs = {
  list: z.strictObject({ search: z.string().max(200).default('') }),
  open: z.strictObject({ folder: z.string().min(1).max(4096) }),
  session: z.strictObject(session),
  delete: z.strictObject({ ...session, typedName: z.string().max(300).default('') }),
  describe: z.strictObject({
    ...session,
    name: z.string().trim().max(200),
    notes: z.string().max(20_000),
    fields: z.record(z.string().max(80), z.string().max(400)),
  }),
  restore: z.strictObject({ id: z.string().regex(/^[\w.-]{1,300}$/) }),
  packets: z.strictObject({ ...session, ...span, limit: z.number().int().min(1).max(100_000).default(20_000) }),
  plot: z.strictObject({
    ...session,
    ...span,
    channel: z.string(),
    points: z.number().int().min(2).max(4000),
  }),
  samples: z.strictObject({ ...session, ...span, limit: z.number().int().min(1).max(20_000).default(5000) }),
  valuesAt: z.strictObject({ ...session, atNs: nsText }),
  addMarker: z.strictObject({ ...session, atNs: nsText, ...markerText }),
  correctMarker: z.strictObject({
    ...session,
    origin: z.enum(['recorded', 'added']),
    id: count,
    atNs: nsText,
    ...markerText,
    removed: z.boolean().default(false),
  }),
} as const;

/** A session's displayed name: its name, otherwise its study and start time. */
export function titleOf({
  name,
  study,
  startedAtMs,
  id,
}: Pick<SessionEntry, 'name' | 'study' | 'startedAtMs' | 'id'>): string {
  if (name.trim() !== '') return name.trim();
  if (startedAtMs === null) return id;
  const at = new Date(startedAtMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${study} ${localDay(at)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/**
 * The text that a search looks in, in lower case. Days are found as `2026-11-30`, and in English and the system's
 * language as `today`, `yesterday`, `Monday`, `November`.
 */
export function searchText(entry: SessionEntry, nowMs = Date.now()): string {
  const { id, study, state, participants, notes, fields, startedAtMs } = entry;
  const words = [titleOf(entry), id, study, state, ...participants, notes, ...Object.values(fields)];
  return [...words, ...(startedAtMs === null ? [] : dayWords(startedAtMs, nowMs))].join('\n').toLowerCase();
}

const DAY_FORMATS = ['en', undefined].map((language) => ({
  weekday: new Intl.DateTimeFormat(language, { weekday: 'long' }),
  month: new Intl.DateTimeFormat(language, { month: 'long' }),
  ago: new Intl.RelativeTimeFormat(language, { numeric: 'auto' }),
}));

function dayWords(atMs: number, nowMs: number): string[] {
  const at = new Date(atMs);
  const day = localDay(at);
  const yesterday = new Date(nowMs);
  yesterday.setDate(yesterday.getDate() - 1);
  const days = day === localDay(new Date(nowMs)) ? 0 : day === localDay(yesterday) ? -1 : null;
  return DAY_FORMATS.flatMap(({ weekday, month, ago }) => [
    day,
    ...(days === null ? [] : [ago.format(days, 'day')]),
    weekday.format(at),
    month.format(at),
  ]);
}

/** Whether the entry contains every word of the search. */
export function matches(entry: SessionEntry, search: string, nowMs = Date.now()): boolean {
  const text = searchText(entry, nowMs);
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
