/** Settings of a Go Direct device in a kit. */
import { z } from 'zod';

export const goDirectSettingsSchema = z.strictObject({
  /**
   * What to measure: a description (`Force`), a description with its unit if two are alike (`Force (N)`), or a channel
   * number. Absent: what the device measures by default. Descriptions are safer: numbers differ between models and
   * documents.
   */
  channels: z
    .array(z.union([z.string().min(1).max(100), z.number().int().min(0).max(31)]))
    .min(1)
    .max(32)
    .optional()
    .meta({
      title: 'What to measure',
      description: 'Names such as Force, or channel numbers; leave blank for the default channels',
    }),
  /** Time between samples; absent: the sensor's typical period. */
  periodMs: z.number().min(1).max(5000).optional().meta({ title: 'Time between samples' }),
});
export type GoDirectSettings = z.infer<typeof goDirectSettingsSchema>;
