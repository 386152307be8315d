/** Settings of a marker device in a kit. */
import { z } from 'zod';
import { DEVICES } from './layouts.ts';

const byte = z.number().int().min(0).max(255);

const buttonSchema = z
  .strictObject({
    /** The number that is recorded. */
    button: z.number().int().min(1).max(65_535),
    name: z.string().min(1).max(64).optional(),
    /** Byte position in the report, from 0; if the device numbers its reports, the number is byte 0. */
    byte: z.number().int().min(0).max(1023),
    /** Pressed while this bit is set, from 0. */
    bit: z.number().int().min(0).max(7).optional(),
    /** Pressed while the byte has this value, under `mask` if given. */
    value: byte.optional(),
    mask: byte.optional(),
    /** Only in reports with this number. */
    reportId: byte.optional(),
  })
  .refine((entry) => (entry.bit === undefined) !== (entry.value === undefined), 'needs either "bit" or "value"');

export const hidMarkerSettingsSchema = z.strictObject({
  /** `auto`: by vendor and product, otherwise by the report descriptor (Linux), unless `buttons` is set. */
  device: z
    .enum(['auto', ...DEVICES])
    .default('auto')
    .meta({ title: 'Device' }),
  /** For any other device: which bit or value is which button. Takes precedence over `device`. */
  buttons: z
    .array(buttonSchema)
    .min(1)
    .max(256)
    .optional()
    .meta({ title: 'Buttons of another device', advanced: true }),
  /** Other names for buttons, by number: `{"75": "back"}`. */
  names: z
    .record(z.string().regex(/^[1-9][0-9]{0,4}$/, 'must be a button number'), z.string().min(1).max(64))
    .default({})
    .meta({ title: 'Button names' }),
  /** A change of the same button sooner than this after the previous one is bounce; 0: everything is recorded. */
  debounceMs: z.number().min(0).max(1000).default(10).meta({ title: 'Ignore a second press within', advanced: true }),
});
export type HidMarkerSettings = z.infer<typeof hidMarkerSettingsSchema>;
