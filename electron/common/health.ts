/**
 * Health of a source, measured over the last seconds. The recorder measures and decides; pages only display it. Three
 * levels: `fine`; `look`: a warning to check when there is time; `losing`: data is being lost now.
 */
import { z } from 'zod';
import { idSchema } from './stream.ts';

export const healthLevelSchema = z.enum(['fine', 'look', 'losing']);
export type HealthLevel = z.infer<typeof healthLevelSchema>;

export const healthFindingSchema = z.strictObject({
  level: healthLevelSchema,
  /**
   * `device`: see its state. `late`: nothing arrives. `too-slow`: frames are dropped because they cannot be encoded in
   * time. `frames-lost`: frames are lost before the encoder. `rate-low`: fewer frames than requested. `black`,
   * `frozen`: the picture. `silent`: the level never changes. `out-of-range`: a value that is impossible for its unit.
   */
  code: z.enum(['device', 'late', 'too-slow', 'frames-lost', 'rate-low', 'black', 'frozen', 'silent', 'out-of-range']),
  stream: idSchema.nullable(),
  /** Lost frames or samples and their share, 0 to 1, over the last `spanMs`. */
  lost: z.number().int().nonnegative(),
  lostShare: z.number().min(0).max(1),
  spanMs: z.number().nonnegative(),
  /** Frames per second received and requested; null: not known. */
  rateHz: z.number().nonnegative().nullable(),
  wantedHz: z.number().positive().nullable(),
  /** Of `out-of-range`: the channel and its value. */
  channel: z.string(),
  value: z.number().nullable(),
});
export type HealthFinding = z.infer<typeof healthFindingSchema>;

export const healthSchema = z.strictObject({
  /** The most severe level of the findings. */
  level: healthLevelSchema,
  /** The worst first. */
  findings: z.array(healthFindingSchema),
});
export type Health = z.infer<typeof healthSchema>;

export const FINE: Health = { level: 'fine', findings: [] };

const SEVERITY: Readonly<Record<HealthLevel, number>> = { losing: 0, look: 1, fine: 2 };

/** Combines the findings of a source, most severe first. */
export function healthOf(findings: readonly HealthFinding[]): Health {
  const sorted = [...findings].sort((a, b) => SEVERITY[a.level] - SEVERITY[b.level]);
  return { level: sorted[0]?.level ?? 'fine', findings: sorted };
}

/** @param more fields that override the defaults */
export const healthFinding = (
  level: HealthLevel,
  code: HealthFinding['code'],
  more: Partial<HealthFinding> = {},
): HealthFinding => ({
  level,
  code,
  stream: null,
  lost: 0,
  lostShare: 0,
  spanMs: 0,
  rateHz: null,
  wantedHz: null,
  channel: '',
  value: null,
  ...more,
});
