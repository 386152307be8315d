/**
 * How well a source does its work, measured over the last seconds. The recorder measures and judges; pages only find the words.
 * Three levels: `fine`; `look`: a person should look when there is time; `losing`: data is being lost now.
 */
import { z } from 'zod';
import { idSchema } from './stream.ts';

export const healthLevelSchema = z.enum(['fine', 'look', 'losing']);
export type HealthLevel = z.infer<typeof healthLevelSchema>;

export const healthFindingSchema = z.strictObject({
  level: healthLevelSchema,
  /**
   * `device`: its state says why. `late`: nothing arrives. `too-slow`: frames are dropped because they cannot be encoded in
   * time. `frames-lost`: frames are lost before the encoder. `rate-low`: fewer frames than were asked for. `black`, `frozen`:
   * the picture. `silent`: the level never moves. `out-of-range`: a value that its unit cannot have.
   */
  code: z.enum(['device', 'late', 'too-slow', 'frames-lost', 'rate-low', 'black', 'frozen', 'silent', 'out-of-range']),
  stream: idSchema.nullable(),
  /** Frames or samples lost, and the share of them, 0 to 1, over the last `spanMs`. */
  lost: z.number().int().nonnegative(),
  lostShare: z.number().min(0).max(1),
  spanMs: z.number().nonnegative(),
  /** Frames a second that arrive, and that were asked for; null: not known. */
  rateHz: z.number().nonnegative().nullable(),
  wantedHz: z.number().positive().nullable(),
  /** Of `out-of-range`: the channel and its value. */
  channel: z.string(),
  value: z.number().nullable(),
});
export type HealthFinding = z.infer<typeof healthFindingSchema>;

export const healthSchema = z.strictObject({
  /** The worst of the findings. */
  level: healthLevelSchema,
  /** The worst first. */
  findings: z.array(healthFindingSchema),
});
export type Health = z.infer<typeof healthSchema>;

export const FINE: Health = { level: 'fine', findings: [] };

const SEVERITY: Readonly<Record<HealthLevel, number>> = { losing: 0, look: 1, fine: 2 };

/** Puts the findings of a source together, the worst first. */
export function healthOf(findings: readonly HealthFinding[]): Health {
  const sorted = [...findings].sort((a, b) => SEVERITY[a.level] - SEVERITY[b.level]);
  return { level: sorted[0]?.level ?? 'fine', findings: sorted };
}

/** @param more what differs from a finding that knows no figures */
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
