/**
 * Kills livekit-server repeatedly during a live recording: the recording must be unaffected, and the live tracks must
 * return.
 */
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { liveTracks, untilState } from '../../fixtures/appliance.ts';
import { type GapRow, SessionIndex } from '../../fixtures/sessionIndex.ts';
import { Classroom } from '../kill/classroom.ts';
import { measure } from '../kill/measure.ts';
import { markdown } from '../table.ts';

export interface SfuOptions {
  everyMs?: number;
  forMs?: number;
  say?: (text: string) => void;
}

export interface SfuReport {
  kills: number;
  /** From each kill until the track list was complete again, if that happened before the next kill. */
  tracksBackMs: number[];
  /** From the last kill until every track was back. */
  backMs: number;
  packets: number;
  samples: number;
  /** Sequence numbers missing from the recorded packets and samples. */
  missing: number;
  gaps: string[];
  faults: string[];
}

export async function sfuCampaign(options: SfuOptions = {}): Promise<SfuReport> {
  const { everyMs = 5000, forMs = 60_000, say = () => undefined } = options;
  await using room = new Classroom();
  await room.open();
  const session = await room.record();
  const whole = liveTracks(await room.allThere());
  const startMs = performance.now();
  const tracksBackMs: number[] = [];
  let kills = 0;
  let lastMs = startMs;
  let away = false;
  const look = async (): Promise<void> => {
    const state = await room.door.call('state.get', {});
    const all = state.live.state === 'running' && liveTracks(state).join() === whole.join();
    if (!all) away = true;
    else if (away) {
      away = false;
      tracksBackMs.push(performance.now() - lastMs);
    }
  };
  while (performance.now() - startMs < forMs) {
    const found = room.processes('livekit');
    for (const { pid } of found) process.kill(pid, 'SIGKILL');
    if (found.length > 0) kills += 1;
    lastMs = performance.now();
    say(`kill ${kills}`);
    while (performance.now() - lastMs < everyMs) {
      await look();
      await sleep(100);
    }
  }
  await untilState(
    room.door,
    'every track is back',
    (state) => state.live.state === 'running' && liveTracks(state).join() === whole.join(),
  );
  const backMs = performance.now() - lastMs;
  await room.door.call('session.stop', {});
  await room.door.call('session.sealed', { id: session.id });
  const { faults, checked } = await measure(session.folder, []);
  using index = new SessionIndex(session.folder);
  const streams = ['camera', 'mic'].map((name) => index.packets(name).map(({ seq }) => seq));
  const missing = streams.reduce((sum, seqs) => sum + ((seqs.at(-1) ?? -1) + 1 - seqs.length), 0);
  if (missing > 0) faults.push(`${missing} packets are missing from the recording`);
  return {
    kills,
    tracksBackMs,
    backMs,
    packets: streams.flat().length,
    samples: checked.samples,
    missing,
    gaps: gapSums(index.gaps()),
    faults,
  };
}

/** `camera: frames-lost (40)`: includes losses in the camera or the machine before encoding. */
function gapSums(gaps: readonly GapRow[]): string[] {
  const sums = new Map<string, number>();
  for (const { stream, cause, missing } of gaps)
    sums.set(`${stream}: ${cause}`, (sums.get(`${stream}: ${cause}`) ?? 0) + missing);
  return [...sums].map(([name, missing]) => `${name} (${missing})`);
}

export function sfuTable({ kills, tracksBackMs, backMs, packets, samples, missing, gaps }: SfuReport): string {
  return markdown(
    [
      'kills',
      'packets',
      'samples',
      'missing',
      'gaps',
      'tracks back before the next kill',
      'all tracks back after the last kill',
    ],
    [
      [
        String(kills),
        String(packets),
        String(samples),
        String(missing),
        gaps.join(', ') || 'none',
        `${tracksBackMs.length} of ${kills}`,
        `${(backMs / 1000).toFixed(2)} s`,
      ],
    ],
  );
}
