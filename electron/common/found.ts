/** What is plugged in, as the publishers tell it: cameras, microphones and screens by the capture window, wires by the device host. */
import { z } from 'zod';
import { matchSchema } from './kit.ts';
import { idSchema } from './stream.ts';

export const foundKindSchema = z.enum(['camera', 'microphone', 'screen', 'serial', 'hid']);

export const foundDeviceSchema = z.strictObject({
  kind: foundKindSchema,
  /** One of a kind among what is plugged in, as long as it is; not kept anywhere. */
  key: z.string().min(1).max(400),
  /** As the system or its maker names it. */
  label: z.string().max(300),
  /** What a kit writes to mean this device and no other. */
  match: matchSchema,
  /** Drivers that fit, the surest first; empty: a person chooses. Cameras, microphones and screens need none. */
  drivers: z.array(idSchema).max(32),
  /** Source of the kit that has it open. */
  source: idSchema.nullable(),
});
export type FoundDevice = z.infer<typeof foundDeviceSchema>;
