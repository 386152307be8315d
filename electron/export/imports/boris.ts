/** The coded events of a BORIS project (boris.unito.it, project format 7). */
import { z } from 'zod';
import { fieldroomError } from '../../common/errors.ts';
import type { ImportedAnnotation, ImportedFile } from './annotation.ts';

const projectSchema = z.looseObject({
  behaviors_conf: z.record(z.string(), z.looseObject({ code: z.string(), type: z.string() })).default({}),
  observations: z.record(
    z.string(),
    z.looseObject({
      'time offset': z.coerce.number().default(0),
      events: z.array(z.array(z.union([z.string(), z.number(), z.null()])).min(3)),
    }),
  ),
});

/** @throws FieldroomError `import.not-boris` */
export function readBoris(text: string, path: string): ImportedFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw fieldroomError('import.not-boris', { path, reason: 'it is not valid JSON' }, { cause });
  }
  const parsed = projectSchema.safeParse(json);
  if (!parsed.success)
    throw fieldroomError('import.not-boris', {
      path,
      reason: `${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`,
    });
  const { behaviors_conf: behaviours, observations } = parsed.data;
  const states = new Set(
    Object.values(behaviours)
      .filter(({ type }) => /state/i.test(type))
      .map(({ code }) => code),
  );
  const notes: string[] = [];
  const annotations = Object.entries(observations).flatMap(([name, observation]) => {
    const offsetNs = observation['time offset'] * 1e9;
    const open = new Map<string, ImportedAnnotation>();
    const found: ImportedAnnotation[] = [];
    const sorted = [...observation.events].sort((a, b) => Number(a[0]) - Number(b[0]));
    for (const [time, subject, code, modifier, comment] of sorted) {
      const atNs = Math.round(Number(time) * 1e9 + offsetNs);
      if (!Number.isFinite(atNs))
        throw fieldroomError('import.not-boris', { path, reason: `the time "${time}" of an event is not a number` });
      const key = JSON.stringify([subject, code, modifier]);
      const running = open.get(key);
      if (running && states.has(String(code))) {
        running.toNs = atNs;
        open.delete(key);
        continue;
      }
      const text = [modifier, comment].filter((part) => part !== null && part !== undefined && part !== '').join(' | ');
      const annotation = {
        tier: String(code),
        participant: String(subject ?? ''),
        fromNs: atNs,
        toNs: atNs,
        text: text || String(code),
      };
      found.push(annotation);
      if (states.has(String(code))) open.set(key, annotation);
    }
    if (open.size > 0) notes.push(`${name}: ${open.size} states never end; only their start was imported.`);
    return found;
  });
  return { annotations, notes };
}
