/** Many kills of live recordings, several per session: combined figures, and every fault found. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../random.ts';
import { markdown, spread } from '../table.ts';
import { Classroom, TARGETS, type Target } from './classroom.ts';
import { type Kill, killOnce } from './kill.ts';
import { type Loss, measure } from './measure.ts';

export interface KillOptions {
  seed: number;
  kills: number;
  targets?: readonly Target[];
  /** No kill starts after this many minutes; what was done by then is sealed, checked and reported. */
  minutes?: number;
  /** Kills per session. */
  perSession?: number;
  /** Longest wait between full recovery and the next kill. */
  pauseMs?: number;
  say?: (text: string) => void;
}

export interface KillReport {
  kills: Kill[];
  losses: Loss[];
  faults: string[];
  sessions: number;
  checked: { pictures: number; samples: number };
}

/** Each target equally often, in an order determined by the seed. */
function plan({ kills, targets = TARGETS }: KillOptions, random: Random): Target[] {
  const rounds = Math.ceil(kills / targets.length);
  return Array.from({ length: rounds }, () => random.shuffled(targets))
    .flat()
    .slice(0, kills);
}

export async function killCampaign(options: KillOptions): Promise<KillReport> {
  const { perSession = 14, pauseMs = 2000, say = () => undefined } = options;
  const untilMs = performance.now() + (options.minutes ?? Number.POSITIVE_INFINITY) * 60_000;
  const random = new Random(options.seed);
  const targets = plan(options, random);
  const report: KillReport = { kills: [], losses: [], faults: [], sessions: 0, checked: { pictures: 0, samples: 0 } };
  for (let from = 0; from < targets.length && performance.now() < untilMs; from += perSession) {
    try {
      await oneSession(targets.slice(from, from + perSession), { random, pauseMs, untilMs, report, say });
    } catch (error) {
      report.faults.push(`session ${report.sessions}: ${error instanceof Error ? error.message : String(error)}`);
      say(`! ${report.faults.at(-1)}`);
    }
    say(`${report.kills.length} kills of ${targets.length}, ${report.faults.length} faults`);
  }
  return report;
}

interface SessionOptions {
  random: Random;
  pauseMs: number;
  /** In `performance.now()` time. */
  untilMs: number;
  report: KillReport;
  say: (text: string) => void;
}

async function oneSession(
  targets: readonly Target[],
  { random, pauseMs, untilMs, report, say }: SessionOptions,
): Promise<void> {
  await using room = new Classroom();
  report.sessions += 1;
  await room.open();
  const session = await room.record();
  const kills: Kill[] = [];
  for (const target of targets) {
    if (performance.now() > untilMs) break;
    await room.allThere();
    await sleep(random.between(300, pauseMs));
    const kill = await killOnce(room, session, target);
    kills.push(kill);
    report.kills.push(kill);
    report.faults.push(...kill.findings.map((finding) => `as left by a kill of all: ${finding}`));
    say(`${target}: back after ${Math.round(kill.backMs)} ms`);
  }
  // Record long enough after the last kill to tell recovery from the kill itself.
  await sleep(2000);
  await room.door.call('session.stop', {});
  await room.door.call('session.sealed', { id: session.id });
  const { losses, faults, checked } = await measure(session.folder, kills);
  report.losses.push(...losses);
  report.faults.push(...faults.map((fault) => `${session.id}: ${fault}`));
  report.checked.pictures += checked.pictures;
  report.checked.samples += checked.samples;
  for (const { kill, stream, tailMs, deadMs } of losses)
    if (tailMs + deadMs > 0)
      say(`${kill.target}: ${stream} tail ${Math.round(tailMs)} ms, dead ${Math.round(deadMs)} ms`);
  for (const fault of faults) say(`! ${fault}`);
}

/** One row per target, seconds as p50 / p99 / max. */
export function killTable({ kills, losses }: KillReport): string {
  const rows = TARGETS.filter((target) => kills.some((kill) => kill.target === target)).map((target) => {
    const of = kills.filter((kill) => kill.target === target);
    const own = losses.filter(({ kill }) => kill.target === target);
    const sensor = own.filter(({ stream }) => stream === 'light');
    const media = own.filter(({ stream }) => stream !== 'light');
    const told = of.flatMap(({ toldMs }) => (toldMs === null ? [] : [toldMs]));
    return [
      target,
      String(of.length),
      spread(sensor.map(({ tailMs }) => tailMs)),
      spread(sensor.map(({ deadMs }) => deadMs)),
      spread(media.map(({ tailMs }) => tailMs)),
      spread(media.map(({ deadMs }) => deadMs)),
      spread(of.map(({ backMs }) => backMs)),
      target === 'operator' ? 'reopens' : spread(told),
    ];
  });
  return markdown(
    ['killed', 'kills', 'sensor tail', 'sensor dead', 'media tail', 'media dead', 'part works again', 'reported'],
    rows,
  );
}
