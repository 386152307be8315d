/**
 * A study: what its sessions share. Kept as `study.json` in the study's folder, beside its sessions. Pseudonyms only: who
 * stands behind one is in a sheet that the lab keeps elsewhere.
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
  /** Who is absent, on one day only: tomorrow all are there again. */
  absent: z
    .strictObject({ day: z.string().regex(/^\d{4}-\d{2}-\d{2}$/), participants: z.array(participantSchema) })
    .nullable()
    .default(null),
  /** What each key of a marker means, in the order of `MARKER_KEYS`; empty: only its number. */
  codes: z.array(z.string().max(80)).max(9).default([]),
});
export type Study = z.infer<typeof studySchema>;

/** A study as it is written; one of before may have an id that is not taken any more. */
export const writtenStudySchema = studySchema.extend({ id: newIdSchema });

/** @param day today, `2026-11-22` in local time */
export const absentOn = (study: Study, day: string): ReadonlySet<string> =>
  new Set(study.absent?.day === day ? study.absent.participants : []);

/** The code that a key sets: its name where it has one. */
export const codeOf = (study: Pick<Study, 'codes'>, key: string): string =>
  study.codes[MARKER_KEYS.indexOf(key as (typeof MARKER_KEYS)[number])]?.trim() || key;

/** A day as people mean it: in local time. */
export function localDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
