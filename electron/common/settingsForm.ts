/** A driver's description of itself, from which Setup offers it and builds its settings form. */
import { z } from 'zod';
import { idSchema } from './stream.ts';

const plainField = z.strictObject({
  /** The setting's name in the kit. */
  name: z.string().min(1),
  label: z.string(),
  /** One plain sentence; empty: the label is enough. */
  help: z.string().default(''),
  unit: z.string().default(''),
  /**
   * `text`; `secret`: hidden while typing; `number`; `choice`: one of `choices`; `choices`: several of them; `switch`:
   * yes or no; `list`: texts or numbers, separated by commas; `reference`: a number or a name; `rows`: a table;
   * `pairs`: a table of names and texts; `group`: fields that belong together.
   */
  kind: z.enum([
    'text',
    'secret',
    'number',
    'choice',
    'choices',
    'switch',
    'list',
    'reference',
    'rows',
    'pairs',
    'group',
  ]),
  /** The default; absent: none. */
  default: z.unknown().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  /** True for whole numbers. */
  whole: z.boolean().default(false),
  /** A regular expression that a text must match. */
  pattern: z.string().optional(),
  choices: z
    .array(z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]), label: z.string() }))
    .default([]),
  required: z.boolean().default(false),
  /** Shown only under advanced settings. */
  advanced: z.boolean().default(false),
  /** A custom editor for this setting; windows that do not have it use the form. */
  editor: z.string().optional(),
});

/** A field of a table or group: no further tables in it. */
export type PlainField = z.infer<typeof plainField>;

export const settingsFieldSchema = z.strictObject({
  ...plainField.shape,
  /** Of `rows` and `group`. */
  fields: z.array(plainField).default([]),
});
export type SettingsField = z.infer<typeof settingsFieldSchema>;

export const driverInfoSchema = z.strictObject({
  id: idSchema,
  /** The technician's name for the device. */
  title: z.string(),
  /** Kinds of connection, as a kit names them. */
  kinds: z.array(z.string()),
  settings: z.array(settingsFieldSchema),
});
export type DriverInfo = z.infer<typeof driverInfoSchema>;
