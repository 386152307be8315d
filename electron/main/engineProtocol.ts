/**
 * Main and the engine over the child's pipes, one JSON line a message.
 *
 *   main ── hello ─▶ engine (stdin; its end says that main is gone, after a line `leave` on purpose)
 *   engine ── ready | failed ─▶ main (stdout), then `log` lines and whatever a later version adds
 */
import { z } from 'zod';
import { errorReportSchema } from '../common/door.ts';

export interface EngineHello {
  dataFolder: string;
  logFolder: string;
  /** Path of the server, or null: the engine looks for one. */
  livekitServer: string | null;
  bridge: string | null;
  /** Whether the engine starts the device host. */
  deviceHost: boolean;
  /** Port of the door to take if it is free: the one that an engine before had. */
  port?: number;
  parent: 'main';
  /** How this app is started again when it dies in a recording. */
  app: { command: string; args: string[]; cwd: string; env: Record<string, string> };
}

const readySchema = z.object({
  type: z.literal('ready'),
  url: z.string().regex(/^http:\/\/127\.0\.0\.1:\d+$/),
  tokens: z.object({ operator: z.string(), capture: z.string() }),
  /** For granting kit files that a person chose (`kits.ts`). */
  grantKey: z.string().default(''),
  pid: z.number().int(),
  /** Another engine of this data folder is running already: this is its door, and the one that says so ends. */
  adopted: z.boolean().default(false),
});
export type EngineReady = z.infer<typeof readySchema>;

const engineLineSchema = z.discriminatedUnion('type', [
  readySchema,
  z.object({ type: z.literal('failed'), error: errorReportSchema }),
]);
export type EngineLine = z.infer<typeof engineLineSchema>;

/** A line of the engine, or null when it is none that main knows. */
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
