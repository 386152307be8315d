/**
 * Messages between main and the engine over the child's pipes, one JSON line each.
 *
 *   main ── hello ─▶ engine (stdin; when it closes, main has exited; a `leave` line before means on purpose)
 *   engine ── ready | failed ─▶ main (stdout), then `log` lines and whatever a later version adds
 */
import { z } from 'zod';
import { errorReportSchema } from '../common/door.ts';

export interface EngineHello {
  dataFolder: string;
  logFolder: string;
  /** Path of the server; null: the engine finds one. */
  livekitServer: string | null;
  bridge: string | null;
  /** Whether the engine starts the device host. */
  deviceHost: boolean;
  /** Preferred port of the door: the one of the previous engine. */
  port?: number;
  parent: 'main';
  /** How to restart this app if it dies during a recording. */
  app: { command: string; args: string[]; cwd: string; env: Record<string, string> };
}

const readySchema = z.object({
  type: z.literal('ready'),
  url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  tokens: z.object({ operator: z.string(), capture: z.string() }),
  /** For granting access to kit files that the user chose (`kits.ts`). */
  grantKey: z.string().default(''),
  pid: z.number().int(),
  /** True: another engine is already running on this data folder; this is its door, and the engine that sent this line exits. */
  adopted: z.boolean().default(false),
});
export type EngineReady = z.infer<typeof readySchema>;

const engineLineSchema = z.discriminatedUnion('type', [
  readySchema,
  z.object({ type: z.literal('failed'), error: errorReportSchema }),
]);
export type EngineLine = z.infer<typeof engineLineSchema>;

/** A line of the engine; null: not one that main knows. */
export function parseEngineLine(line: string): EngineLine | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = engineLineSchema.safeParse(json);
  return parsed.success ? parsed.data : null;
}
