/**
 * Consent of the participants from `consent.jsonl` in the study's folder: one decision per line; the last line of a participant
 * counts. A study without that file keeps its consent elsewhere, so nothing is left out.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { fieldroomError } from '../../common/errors.ts';
import type { Use } from '../format.ts';

const CONSENT = 'consent.jsonl';

const lineSchema = z.looseObject({
  participant: z.string(),
  uses: z.record(z.string(), z.union([z.boolean(), z.enum(['yes', 'no'])])).default({}),
  expires: z.string().optional(),
  withdraws: z.unknown().optional(),
});
type Line = z.infer<typeof lineSchema>;

export class Consent {
  /** Null: the study has no records. */
  readonly #last: Map<string, Line> | null;

  constructor(last: Map<string, Line> | null) {
    this.#last = last;
  }

  /** @param studyFolder the folder above the session. @throws FieldroomError `export.consent-damaged` */
  static of(studyFolder: string): Consent {
    const path = join(studyFolder, CONSENT);
    if (!existsSync(path)) return new Consent(null);
    const last = new Map<string, Line>();
    readFileSync(path, 'utf8')
      .split('\n')
      .forEach((text, i) => {
        if (text.trim() === '') return;
        const line = lineSchema.safeParse(parsed(text));
        // Guessing consent would be worse than no export.
        if (!line.success) throw fieldroomError('export.consent-damaged', { path, line: i + 1 });
        last.set(line.data.participant, line.data);
      });
    return new Consent(last);
  }

  get isKept(): boolean {
    return this.#last !== null;
  }

  /** Missing means no. */
  allows(participant: string, use: Use, now = new Date()): boolean {
    if (!this.#last) return true;
    const line = this.#last.get(participant);
    if (!line || (line.withdraws !== undefined && line.withdraws !== false && line.withdraws !== null)) return false;
    // A date without a time includes the whole day.
    const end = line.expires?.length === 10 ? `${line.expires}T23:59:59.999Z` : line.expires;
    if (end !== undefined && !(new Date(end) >= now)) return false;
    return line.uses[use] === true || line.uses[use] === 'yes';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
