/**
 * A study: the common properties of its sessions. Stored as `study.json` in the study's folder, beside its sessions.
 * Pseudonyms only: the lab keeps the list of real names elsewhere.
 */
import { z } from 'zod';
import { idSchema, newIdSchema, participantSchema } from './stream.ts';

export const rosterEntrySchema = z.strictObject({
  id: participantSchema,
  group: z.string().max(80).default(''),
  table: z.string().max(80).default(''),
});
export type RosterEntry = z.infer<typeof rosterEntrySchema>;

/** The keys 1 to 9, in this order. */
export const MARKER_KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

export const studySchema = z.strictObject({
  version: z.literal(1).default(1),
  id: idSchema,
  name: z.string().min(1).max(120),
  participants: z
    .array(rosterEntrySchema)
    .max(1000)
    .default([])
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'a pseudonym stands there twice'),
  /** Absent participants, for one day only: the list is empty again the next day. */
  absent: z
    .strictObject({ day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/), participants: z.array(participantSchema) })
    .nullable()
    .default(null),
  /** The meaning of each marker key, in the order of `MARKER_KEYS`; empty: only its number. */
  codes: z.array(z.string().max(80)).max(9).default([]),
  /** Of each key: `interval`: it is pressed when something begins and again when it ends. Missing: a point in time. */
  codeKinds: z
    .array(z.enum(['point', 'interval']))
    .max(9)
    .default([]),
  /** Fields noted for each session: condition, activity, teacher. With `choices` one of them is selected. */
  fields: z
    .array(
      z.strictObject({ name: z.string().trim().min(1).max(80), choices: z.array(z.string().min(1).max(80)).max(40) }),
    )
    .max(12)
    .default([]),
});
export type Study = z.infer<typeof studySchema>;

/** A study to be written; an existing one may have an id that is no longer allowed. */
export const writtenStudySchema = studySchema.extend({ id: newIdSchema });

/** @param day today, `2026-11-22` in local time */
export const absentOn = (study: Study, day: string): ReadonlySet<string> =>
  new Set(study.absent?.day === day ? study.absent.participants : []);

/** The code that a key sets: its name if it has one. */
export const codeOf = (study: Pick<Study, 'codes'>, key: string): string =>
  study.codes[MARKER_KEYS.indexOf(key as (typeof MARKER_KEYS)[number])]?.trim() || key;

/** The study of test recordings: a separate folder, never used for lessons. */
export const TEST_STUDY = 'test-recordings';

/** The notes of an interval's markers; the code is the same for both. */
export const INTERVAL_NOTES = { start: 'start', end: 'end' } as const;

export interface Interval<M> {
  code: string;
  start: M;
  /** Null: it had not ended. */
  end: M | null;
}

/**
 * The note of a key's next marker: for an interval, whether it starts or ends there.
 * @param markers in the order of their times
 * @param atNs where it is set; later ones are ignored
 */
export function nextNote(
  study: Study,
  key: string,
  markers: readonly { code: string; note: string; atNs: string }[],
  atNs: number,
): string {
  if (study.codeKinds[MARKER_KEYS.indexOf(key as (typeof MARKER_KEYS)[number])] !== 'interval') return '';
  const code = codeOf(study, key);
  const before = intervalsOf(markers.filter((marker) => marker.code === code && Number(marker.atNs) <= atNs));
  return before.some(({ end }) => end === null) ? INTERVAL_NOTES.end : INTERVAL_NOTES.start;
}

/** Pairs the markers of intervals, by code; markers in the order of their times. */
export function intervalsOf<M extends { code: string; note: string }>(markers: readonly M[]): Interval<M>[] {
  const open = new Map<string, Interval<M>>();
  const all: Interval<M>[] = [];
  for (const marker of markers) {
    const begun = open.get(marker.code);
    if (marker.note === INTERVAL_NOTES.start && !begun) {
      const interval = { code: marker.code, start: marker, end: null };
      open.set(marker.code, interval);
      all.push(interval);
    } else if (marker.note === INTERVAL_NOTES.end && begun) {
      begun.end = marker;
      open.delete(marker.code);
    }
  }
  return all;
}

/** A calendar day in local time. */
export function localDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
