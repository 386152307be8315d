import { z } from 'zod';
import { parseId } from './registers.ts';

const hexId = z
  .string()
  .regex(/^(0x)?[0-9a-fA-F]{1,4}$/, 'must be a network id of up to four hex digits, as printed on the device: 0x6012')
  .refine((text) => parseId(text) !== 0, 'must not be 0');
const mm = z.number().int().min(-1_000_000).max(1_000_000);

export const anchorSchema = z.strictObject({ id: hexId, x: mm, y: mm, z: mm });

export const pozyxSettings = z
  .strictObject({
    /** Tags to position, by network id; empty: the one on the cable. Others are reached through it by radio. */
    tags: z
      .array(hexId)
      .max(32)
      .default([])
      .meta({ title: 'Tags', description: 'Network ids such as 0x6012; leave blank for the tag on the cable' }),
    /** Anchor positions in mm; empty: as saved in the device's flash memory. */
    anchors: z.array(anchorSchema).max(16).default([]).meta({
      title: 'Anchors',
      description: 'Their positions; leave blank to use those saved in the device',
      unit: 'mm',
    }),
    dimension: z.enum(['3D', '2.5D', '2D']).default('3D').meta({ title: 'Dimensions' }),
    /** Height of the tag above the floor, used when the dimension is 2.5D. */
    heightMm: mm.default(1000).meta({ title: 'Height of the tag', description: 'Used with 2.5D' }),
    algorithm: z.enum(['uwb-only', 'tracking']).default('uwb-only').meta({ title: 'Algorithm', advanced: true }),
    what: z
      .array(z.enum(['position', 'covariance', 'sensors', 'ranges']))
      .min(1)
      .default(['position'])
      .meta({ title: 'Recorded data' }),
    /** The channel `request_age_us`; without it, a sample's time has no lower bound. */
    requestAge: z.boolean().default(true).meta({ title: 'Record the age of each request', advanced: true }),
    /** Maximum number of rounds over all tags per second; absent: as fast as the device answers. */
    rateHz: z.number().min(0.1).max(200).optional().meta({ title: 'Maximum positions per second' }),
    /** Maximum duration of one position. */
    timeoutMs: z.number().int().min(50).max(10_000).default(1000).meta({ title: 'Position timeout', advanced: true }),
    /** True if another master positions this tag: it is read but never triggered. */
    passive: z.boolean().default(false).meta({ title: 'Another master positions this tag', advanced: true }),
  })
  .superRefine((settings, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    // POS_NUM_ANCHORS takes 3 to 16 (1.3).
    if (settings.anchors.length === 1 || settings.anchors.length === 2)
      refuse('anchors', 'must be none or at least three');
    if (new Set(settings.anchors.map((anchor) => parseId(anchor.id))).size !== settings.anchors.length)
      refuse('anchors', 'must not name an id twice');
    if (new Set(settings.tags.map(parseId)).size !== settings.tags.length) refuse('tags', 'must not name an id twice');
    if (settings.what.includes('covariance') && !settings.what.includes('position'))
      refuse('what', 'covariance comes with position only');
    if (settings.what.includes('ranges') && !settings.what.includes('position') && settings.tags.length > 0)
      refuse('what', 'ranges of tags reached by radio come with position only');
    if (settings.passive && settings.tags.length > 0)
      refuse('passive', 'is for the tag on the cable: leave tags empty');
  });

export type PozyxSettings = z.infer<typeof pozyxSettings>;
