/** Settings of a heart rate source in a kit, including the network key, which must never be printed. */
import { z } from 'zod';
import { participantSchema } from '../../../electron/common/stream.ts';

const HIDDEN = '[secret]';

/**
 * The ANT+ network key. Text, JSON and `util.inspect` of it all give `[secret]`, so it cannot leak into a log, an error
 * or a stream's facts as part of a printed object.
 */
export class NetworkKey {
  readonly #bytes: Uint8Array;

  constructor(hex: string) {
    this.#bytes = Uint8Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  }

  /** Only for the command that sends it to the stick. */
  reveal(): Uint8Array {
    return this.#bytes.slice();
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return HIDDEN;
  }
}

const deviceNumber = z.number().int().min(1).max(65_535);

export const antSettingsSchema = z.strictObject({
  /**
   * Issued with the ANT+ license (thisisant.com); Fieldroom ships none. `secret` tells forms and printers to mask it.
   */
  networkKey: z
    .string('is missing: the ANT+ network key, 16 hex digits, from your ANT+ licence')
    .regex(/^[0-9a-fA-F]{16}$/, 'must be 16 hex digits, from your ANT+ licence')
    .transform((hex) => new NetworkKey(hex))
    .meta({ title: 'ANT+ network key', secret: true }),
  /** Only for raw modules: a USB stick ignores it. */
  baudRate: z
    .number()
    .int()
    .min(4800)
    .max(921_600)
    .optional()
    .meta({ title: 'Baud rate', unit: 'bit/s', advanced: true }),
  /** `single`: one paired strap; `scan`: all straps in the room, if the stick supports it. */
  mode: z.enum(['single', 'scan']).default('single').meta({
    title: 'Receive',
    description: 'Single: one strap. Scan: all straps in the room, if the stick supports it.',
  }),
  /** The strap to pair with; absent: the first one received. Only for `single`. */
  deviceNumber: deviceNumber
    .optional()
    .meta({ title: 'Strap number', description: 'Leave blank to use the first strap received' }),
  /** Who wears which strap: device number to pseudonym. */
  straps: z
    .record(z.string().regex(/^[1-9][0-9]{0,4}$/, 'must be a device number, 1 to 65535'), participantSchema)
    .default({})
    .meta({ title: 'Straps and their wearers', editor: 'straps' }),
  /** Records only the straps named in `straps`, so that nobody next door is recorded by accident. */
  onlyListed: z.boolean().default(false).meta({ title: 'Record only straps with a wearer' }),
});
export type AntSettings = z.infer<typeof antSettingsSchema>;
