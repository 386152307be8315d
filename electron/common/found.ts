/**
 * Connected devices as reported by the publishers: cameras, microphones and screens by the capture window, wired
 * sensors by the device host.
 */
import { z } from 'zod';
import { matchSchema } from './kit.ts';
import { idSchema } from './stream.ts';

export const foundKindSchema = z.enum(['camera', 'microphone', 'screen', 'serial', 'hid']);

export const foundDeviceSchema = z.strictObject({
  kind: foundKindSchema,
  /** Unique among the connected devices while connected; not stored. */
  key: z.string().min(1).max(400),
  /** The name given by the system or the manufacturer. */
  label: z.string().max(300),
  /** The kit's match for exactly this device. */
  match: matchSchema,
  /** Suitable drivers, most likely first; empty: a person chooses. Cameras, microphones and screens need none. */
  drivers: z.array(idSchema).max(32),
  /** Source of the kit that has it open. */
  source: idSchema.nullable(),
});
export type FoundDevice = z.infer<typeof foundDeviceSchema>;
