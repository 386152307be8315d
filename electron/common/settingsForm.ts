/** How a driver describes itself, so that Setup can offer it and draw the form of its settings. */
import { z } from 'zod';
import { idSchema } from './stream.ts';

const plainField = z.strictObject({
  /** The setting's name in the kit. */
  name: z.string().min(1),
  label: z.string(),
  /** One plain sentence; empty: the label says all. */
  help: z.string().default(''),
  unit: z.string().default(''),
  /**
   * `text`; `secret`: typed unseen; `number`; `choice`: one of `choices`; `choices`: several of them; `switch`: yes or no;
   * `list`: texts or numbers, divided by commas; `reference`: a number or a name; `rows`: a table; `pairs`: a table of names
   * and texts; `group`: fields that belong together.
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
  /** What holds when the kit says nothing; absent: nothing does. */
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
  /** Shown only when somebody asks for more. */
  advanced: z.boolean().default(false),
  /** A part of the window made for this setting, where a form would not do; others draw the form. */
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
  /** As a technician calls the device. */
  title: z.string(),
  /** Kinds of connection, as a kit names them. */
  kinds: z.array(z.string()),
  settings: z.array(settingsFieldSchema),
});
export type DriverInfo = z.infer<typeof driverInfoSchema>;
