/**
 * Freezes each process of a live recording in turn (SIGSTOP) and measures the loss from the content of the sealed
 * session.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SessionIndex } from '../../fixtures/sessionIndex.ts';
import { Classroom, TARGETS, type Target } from '../kill/classroom.ts';
import { type Loss, measure } from '../kill/measure.ts';
import { Random } from '../random.ts';
import { markdown } from '../table.ts';
import { type Freeze, freezeOnce } from './freeze.ts';

export interface FreezeOptions {
  seed: number;
  targets?: readonly Target[];
  stillMs?: number;
  say?: (text: string) => void;
}

export interface FreezeReport {
  freezes: Freeze[];
  losses: Loss[];
  /** Gaps around each freeze, by stream. */
  causes: string[];
  faults: string[];
}

const EACH: readonly Target[] = TARGETS.filter((target) => target !== 'all');

export async function freezeCampaign(options: FreezeOptions): Promise<FreezeReport> {
  const { seed, targets = EACH, stillMs = 10_000, say = () => undefined } = options;
  const random = new Random(seed);
  const report: FreezeReport = { freezes: [], losses: [], causes: [], faults: [] };
  // One session per freeze, so that each loss has one possible cause.
  for (const target of random.shuffled(targets)) {
    try {
      await oneSession(target, { random, stillMs, report, say });
    } catch (error) {
      report.faults.push(`${target}: ${error instanceof Error ? error.message : String(error)}`);
      say(`! ${report.faults.at(-1)}`);
    }
  }
  return report;
}

async function oneSession(
  target: Target,
  { random, stillMs, report, say }: { random: Random; stillMs: number; report: FreezeReport; say: (t: string) => void },
): Promise<void> {
  await using room = new Classroom();
  await room.open();
  const session = await room.record();
  await room.allThere();
  await sleep(random.between(300, 2000));
  const freeze = await freezeOnce(room, session, target, stillMs);
  report.freezes.push(freeze);
  await sleep(2000);
  await room.door.call('session.stop', {});
  await room.door.call('session.sealed', { id: session.id });
  const { losses, faults } = await measure(session.folder, [freeze]);
  report.losses.push(...losses);
  report.faults.push(...faults.map((fault) => `${target}: ${fault}`));
  using index = new SessionIndex(session.folder);
  report.causes.push([...new Set(index.gaps().map(({ stream, cause }) => `${stream}: ${cause}`))].join(', '));
  say(`${target}: ${freeze.told || 'nothing was shown'}; ${report.causes.at(-1) || 'no gap'}`);
  for (const { stream, tailMs, deadMs } of losses)
    if (tailMs + deadMs > 0) say(`${target}: ${stream} ${Math.round(tailMs + deadMs)} ms`);
  for (const fault of faults) say(`! ${fault}`);
}

const seconds = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '-' : (ms / 1000).toFixed(2);

/** One row per process, in seconds. */
export function freezeTable({ freezes, losses, causes }: FreezeReport): string {
  const rows = freezes.map((freeze, i) => {
    const lost = (stream: Loss['stream']): string => {
      const own = losses.find(({ kill, stream: other }) => kill === freeze && other === stream);
      return seconds(own && own.tailMs + own.deadMs);
    };
    return [
      freeze.target,
      lost('light'),
      lost('camera'),
      lost('mic'),
      causes[i] || 'none',
      seconds(freeze.toldMs),
      seconds(freeze.backMs),
    ];
  });
  return markdown(
    [
      'stood still',
      'sensor missing',
      'pictures missing',
      'sound missing',
      'gaps',
      'reported after',
      'all there again after it went on',
    ],
    rows,
  );
}
