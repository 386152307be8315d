/**
 * The streams of an index, whose names become parts of SQL and paths: only names that Fieldroom could have given are
 * accepted.
 */
import type { Database } from 'better-sqlite3';
import { fieldroomError } from '../../common/errors.ts';
import { channelSchema, idSchema, type Stream } from '../../common/stream.ts';

const KINDS = ['video', 'audio', 'samples'];

export interface StreamEntry {
  number: number;
  stream: Stream;
}

/** In the order of their numbers. @throws FieldroomError `store.damaged` when a declaration cannot be read */
export function streamsOf(db: Database): StreamEntry[] {
  const rows = db.prepare('SELECT id, declaration FROM stream ORDER BY id').all() as {
    id: number;
    declaration: string;
  }[];
  return rows.map(({ id, declaration }) => ({ number: id, stream: parseStream(declaration, `stream ${id}`) }));
}

/** @param what names it in the error */
export function parseStream(text: string, what: string): Stream {
  try {
    const stream = JSON.parse(text) as Stream;
    idSchema.parse(stream.id);
    if (!KINDS.includes(stream.kind)) throw new Error(`"${stream.kind}" is not a kind of stream`);
    if (stream.kind === 'samples') for (const { name, type } of stream.channels) channelSchema.parse({ name, type });
    return stream;
  } catch (cause) {
    throw fieldroomError('store.damaged:declaration', { what }, { cause });
  }
}

/** Checks a column name against Fieldroom's naming rules. @throws FieldroomError `store.damaged` */
export function safeColumn(name: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]{0,127}$/.test(name)) return name;
  throw fieldroomError('store.damaged:column', { name: JSON.stringify(name) });
}
