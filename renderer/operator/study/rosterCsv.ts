/**
 * A roster from a CSV file: a header line with a column for the pseudonym, and optionally `group` and `table`. Every
 * other column is ignored, above all names.
 */
import { participantSchema } from '../../../electron/common/stream.ts';
import type { RosterEntry } from '../../../electron/common/study.ts';

export interface RosterImport {
  entries: RosterEntry[];
  /** Columns that were ignored. */
  ignored: string[];
  /** Line numbers in the file, from 1, without a valid pseudonym. Their text is not repeated: it may be a name. */
  refused: number[];
}

const PSEUDONYM = new Set(['pseudonym', 'participant', 'code', 'id']);

/** Null: no column contains pseudonyms. */
export function readRoster(text: string): RosterImport | null {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const separator = ['\t', ';', ','].find((mark) => lines[0]?.includes(mark)) ?? ',';
  const heading = cells(lines[0] ?? '', separator).map((cell) => cell.toLowerCase());
  const at = heading.findIndex((column) => PSEUDONYM.has(column));
  if (at < 0) return null;
  const [group, table] = ['group', 'table'].map((column) => heading.indexOf(column)) as [number, number];
  const entries = new Map<string, RosterEntry>();
  const refused: number[] = [];
  lines.slice(1).forEach((line, i) => {
    if (line.trim() === '') return;
    const row = cells(line, separator);
    const id = participantSchema.safeParse(row[at]);
    const short = (column: number): string => (row[column] ?? '').slice(0, 80);
    if (!id.success || entries.has(id.data)) refused.push(i + 2);
    else entries.set(id.data, { id: id.data, group: short(group), table: short(table) });
  });
  const ignored = heading.filter((_, i) => i !== at && i !== group && i !== table);
  return { entries: [...entries.values()], ignored, refused };
}

/** Splits one line; a quoted cell may contain the separator, and two quotes stand for one. */
function cells(line: string, separator: string): string[] {
  const out: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i += 1) {
    const mark = line[i];
    if (mark === '"' && quoted && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (mark === '"') quoted = !quoted;
    else if (mark === separator && !quoted) {
      out.push(cell.trim());
      cell = '';
    } else cell += mark;
  }
  return [...out, cell.trim()];
}
