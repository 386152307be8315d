/** Settings of a pulse board in a kit. */
import { z } from 'zod';

/**
 * The forms that can be recognised automatically, and those that a person must choose (`sig0,sig1`, `ir,red`,
 * `timestamp,signal`).
 */
export const PULSE_FORMATS = [
  'plotter',
  'visualizer',
  'text',
  'number',
  'signal-bpm-ibi-beat',
  'json',
  'psws',
  'max-beat',
  'max-spo2',
  'two-signals',
  'ir-red',
  'time-signal',
] as const;
export type PulseFormat = (typeof PULSE_FORMATS)[number];

export const pulseSettingsSchema = z.strictObject({
  /** PulseSensor's library prints at 115200; its TwoPulseSensors example at 250000. */
  baudRate: z.number().int().min(300).max(2_000_000).default(115_200).meta({ title: 'Baud rate', unit: 'bit/s' }),
  /** `auto` uses the first line that matches only one form; two numbers a line must be named. */
  format: z
    .enum(['auto', ...PULSE_FORMATS])
    .default('auto')
    .meta({ title: 'Format' }),
  /** Sensors of a `visualizer` sketch. With one, `B72` is a rate; with two it would be sensor 2's, so it must be set here. */
  sensors: z.number().int().min(1).max(12).default(1).meta({ title: 'Number of sensors', advanced: true }),
});
export type PulseSettings = z.infer<typeof pulseSettingsSchema>;
