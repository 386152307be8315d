/**
 * Many damaged copies of a session: each opens, or is refused with a clear error, and no wrong data is returned silently.
 */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldroomError } from '../../../electron/common/errors.ts';
import { verifySession } from '../../../electron/session/check/verify.ts';
import { openSession } from '../../../electron/session/read/sessionReader.ts';
import { summarize } from '../../../electron/session/read/summary.ts';
import { repairSession } from '../../../electron/session/repair/repairSession.ts';
import { Random } from '../random.ts';
import { markdown } from '../table.ts';
import { boundaries, type Damage, KINDS, type Kind, randomDamage } from './damage.ts';
import { tornSession, wrongIn } from './session.ts';

export interface TornReport {
  copies: number;
  faults: string[];
  byKind: Record<Kind, Record<Outcome, number>>;
}

/**
 * `whole`: nothing found; `mended`: repaired and whole now; `told`: some finding remains; `refused`: with a clear error.
 */
type Outcome = 'whole' | 'mended' | 'told' | 'refused';

/** An in-memory file system: the campaign makes thousands of syncs and does not test the disk. */
const MEMORY = '/dev/shm';

export async function tornCampaign(options: {
  seed: number;
  copies: number;
  say?: (text: string) => void;
}): Promise<TornReport> {
  const random = new Random(options.seed);
  const root = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'fieldroom-torn-'));
  const none = (): Record<Outcome, number> => ({ whole: 0, mended: 0, told: 0, refused: 0 });
  const report: TornReport = {
    copies: options.copies,
    faults: [],
    byKind: Object.fromEntries(KINDS.map((kind) => [kind, none()])) as TornReport['byKind'],
  };
  try {
    const torn = await tornSession(root);
    const places = boundaries(torn);
    for (let i = 0; i < options.copies; i += 1) {
      const damage = randomDamage(torn, places, KINDS[i % KINDS.length] as Kind, random);
      const copy = join(root, 'copies', 'study', `copy-${i}`);
      cpSync(torn.folder, copy, { recursive: true });
      damage.apply(copy);
      const fault = (text: string): void => void report.faults.push(`${i}: ${damage.file}, ${damage.text}: ${text}`);
      report.byKind[damage.kind][await outcomeOf(copy, damage, fault)] += 1;
      rmSync(copy, { recursive: true, force: true });
      if (i % 100 === 99) options.say?.(`${i + 1} copies, ${report.faults.length} faults`);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return report;
}

async function outcomeOf(copy: string, damage: Damage, fault: (text: string) => void): Promise<Outcome> {
  try {
    // Before repair: a copy that verify calls whole must be correct to the last bit.
    const before = await verifySession(copy);
    if (before.ok) for (const wrong of wrongIn(copy)) fault(`verified as whole, but wrong: ${wrong}`);
  } catch (error) {
    if (!isClear(error)) fault(`verify said ${String(error)}`);
  }
  try {
    const { findings } = repairSession(copy);
    const again = repairSession(copy);
    if (again.findings.length > 0) fault(`repaired twice: ${JSON.stringify(again.findings.slice(0, 3))}`);
    const after = await verifySession(copy);
    const wrong = wrongIn(copy);
    if (wrong.length > 0) fault(`wrong after repair: ${wrong.slice(0, 5).join(', ')}`);
    using reader = openSession(copy);
    summarize(reader);
    if (!after.ok) return 'told';
    return findings.length > 0 ? 'mended' : 'whole';
  } catch (error) {
    if (!isClear(error)) fault(`${damage.kind}: ${error instanceof Error ? error.stack : String(error)}`);
    return 'refused';
  }
}

/** An error for people states what is wrong and what to do. */
const isClear = (error: unknown): boolean =>
  error instanceof FieldroomError && error.code.startsWith('store.') && (error.nextStep ?? '') !== '';

export function tornTable({ byKind }: TornReport): string {
  const rows = KINDS.map((kind) => {
    const { whole, mended, told, refused } = byKind[kind];
    return [kind, String(whole + mended + told + refused), ...[whole, mended, told, refused].map(String)];
  });
  return markdown(
    ['damage', 'copies', 'whole', 'repaired, whole now', 'opens, with findings', 'refused with an error'],
    rows,
  );
}
