/**
 * Edits of a kit as small steps: the recorder applies them in order, each to the current kit, so that quick successive
 * edits are not lost. Pure functions.
 */
import { z } from 'zod';
import { fieldroomError } from './errors.ts';
import { type Kit, kitSchema, type Source, sourceSchema } from './kit.ts';
import { idSchema } from './stream.ts';
import { deviceMark } from './trial.ts';

const values = z.record(z.string(), z.unknown());

export const kitEditSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('add'),
    /** Fields with defaults may be omitted; an id in use is replaced by a free one. */
    sources: z.array(values).min(1).max(64),
    /** Name of the kit that is created if there is none yet. */
    kitName: z.string().min(1).max(120),
  }),
  z.strictObject({
    op: z.literal('change'),
    id: idSchema,
    /** Fields of the source; null removes one. */
    set: values.default({}),
    /** Fields of its settings; null removes one. */
    settings: values.default({}),
    /** A new driver starts with empty settings. */
    freshSettings: z.boolean().default(false),
  }),
  z.strictObject({ op: z.literal('remove'), id: idSchema }),
  z.strictObject({ op: z.literal('rename'), name: z.string().trim().min(1).max(120) }),
  z.strictObject({ op: z.literal('study'), study: idSchema }),
]);
export type KitEditStep = z.input<typeof kitEditSchema>;
type Step = z.output<typeof kitEditSchema>;

/**
 * @param kit null: there is none yet, and `add` creates one
 * @throws FieldroomError `kit.edit-invalid` naming source and field, `kit.duplicate-device`, `kit.duplicate-name`, `kit.last-source`,
 * `source.unknown`, `session.no-kit`
 */
export function applyEdit(kit: Kit | null, step: Step): Kit {
  if (step.op === 'add') return step.sources.reduce<Kit>(added, kit ?? emptyKit(step.kitName));
  if (!kit) throw fieldroomError('session.no-kit');
  switch (step.op) {
    case 'rename':
      return { ...kit, name: step.name };
    case 'study':
      return { ...kit, study: step.study };
    case 'remove':
      return removed(kit, step.id);
    case 'change':
      return changed(kit, step);
  }
}

/** `camera-1`, `camera-2`, ...: the id is never shown, it names the folder and the track. */
export function freeId(kit: Pick<Kit, 'sources'>, stem: string): string {
  const taken = new Set(kit.sources.map(({ id }) => id));
  for (let n = 1; ; n += 1) if (!taken.has(`${stem}-${n}`)) return `${stem}-${n}`;
}

const emptyKit = (name: string): Kit => ({ version: 1, name, study: 'default', live: 'on', sources: [] });

function added(kit: Kit, given: Record<string, unknown>): Kit {
  const id = String(given.id ?? '');
  const taken = kit.sources.some((source) => source.id === id);
  const source = parsed({
    ...given,
    id: taken || id === '' ? freeId(kit, id.replace(/-\d+$/, '') || String(given.kind)) : id,
  });
  const twin = kit.sources.find((other) => sameDevice(other, source));
  if (twin) throw fieldroomError('kit.duplicate-device', { source: nameOf(twin) });
  return { ...kit, sources: [...kit.sources, { ...source, label: freeLabel(kit, source.label) }] };
}

function removed(kit: Kit, id: string): Kit {
  const sources = kit.sources.filter((source) => source.id !== id);
  if (sources.length === kit.sources.length) throw fieldroomError('source.unknown', { source: id });
  if (sources.length === 0) throw fieldroomError('kit.last-source');
  return { ...kit, sources };
}

function changed(kit: Kit, { id, set, settings, freshSettings }: Extract<Step, { op: 'change' }>): Kit {
  const before = kit.sources.find((source) => source.id === id);
  if (!before) throw fieldroomError('source.unknown', { source: id });
  const source = parsed({
    ...merged(before, set),
    id,
    settings: merged(freshSettings ? {} : before.settings, settings),
  });
  const others = kit.sources.filter((other) => other.id !== id);
  if (source.label !== before.label && others.some(({ label }) => label !== '' && label === source.label))
    throw fieldroomError('kit.duplicate-name', { name: source.label });
  const twin = sameDevice(source, before) ? undefined : others.find((other) => sameDevice(other, source));
  if (twin) throw fieldroomError('kit.duplicate-device', { source: nameOf(twin) });
  const next = { ...kit, sources: kit.sources.map((other) => (other.id === id ? source : other)) };
  return kitSchema.parse(next);
}

const merged = (before: object, change: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries({ ...before, ...change }).filter(([, value]) => value !== null && value !== undefined),
  );

function parsed(source: Record<string, unknown>): Source {
  const result = sourceSchema.safeParse(source);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw fieldroomError('kit.edit-invalid', {
    source: String(source.label || source.id),
    field: (issue?.path ?? []).map(String).join(', '),
    fault: issue?.message ?? '',
  });
}

/** Two sources of a kit may record the same device only if neither specifies which one. */
const sameDevice = (a: Source, b: Source): boolean =>
  a.kind === b.kind &&
  a.kind !== 'ble' &&
  a.driver !== 'simulated' &&
  Object.keys(a.match).length > 0 &&
  deviceMark({ kind: a.kind, match: a.match }) === deviceMark({ kind: b.kind, match: b.match });

function freeLabel({ sources }: Kit, label: string): string {
  const taken = new Set(sources.map((source) => source.label));
  if (label === '' || !taken.has(label)) return label;
  const stem = label.replace(/ \d+$/, '');
  for (let n = 2; ; n += 1) if (!taken.has(`${stem} ${n}`)) return `${stem} ${n}`;
}

const nameOf = ({ label, id }: Source): string => label || id;
