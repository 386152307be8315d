/** Sessions of the fake engine: one of every kind that a list can contain, and a trash that is not empty. */
import { createHash } from 'node:crypto';
import type { SessionEntry, Trashed } from '../../electron/common/review.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 10, 22, 9, 15);

function entry(daysAgo: number, more: Partial<SessionEntry>): SessionEntry {
  const startedAtMs = FIRST_MS - daysAgo * DAY_MS;
  const id = `${new Date(startedAtMs).toISOString().slice(0, 10).replaceAll('-', '')}-091500-k3f${daysAgo}`;
  return {
    key: createHash('sha256').update(id).digest('base64url').slice(0, 16),
    id,
    study: 'physics-7b',
    name: '',
    notes: '',
    fields: {},
    folder: `/home/teacher/Fieldroom/physics-7b/${id}`,
    state: 'verified',
    startedAtMs,
    durationNs: '2712000000000',
    bytes: 2_960_000_000,
    participants: ['P01', 'P02', 'P03', 'P04'],
    streams: { video: 3, audio: 2, samples: 5 },
    gaps: 0,
    missing: 0,
    interruptions: 0,
    markers: 12,
    simulated: false,
    elsewhere: false,
    uploaded: false,
    exported: false,
    report: true,
    verifying: null,
    verifiedAtMs: startedAtMs + 3_000_000,
    trouble: null,
    ...more,
  };
}

/** A quiet week: recorded, verified, uploaded. */
const CALM: readonly SessionEntry[] = [
  entry(0, { name: 'Levers, second lesson', state: 'sealed', verifiedAtMs: null }),
  entry(1, { name: 'Levers, first lesson', verifying: 0.4, state: 'sealed', verifiedAtMs: null }),
  entry(2, { name: 'Pendulum', uploaded: true, participants: Array.from({ length: 24 }, (_, i) => `P${i + 1}`) }),
  entry(3, { exported: true, elsewhere: true, name: 'Copy on a stick' }),
  entry(6, { name: 'Trying it out', simulated: true, study: 'simulated', durationNs: '64000000000', bytes: 31e6 }),
];

const TROUBLED: readonly SessionEntry[] = [
  entry(0, {
    state: 'recording',
    durationNs: '754000000000',
    bytes: 831e6,
    gaps: 1,
    missing: 212,
    interruptions: 1,
    report: false,
    verifiedAtMs: null,
  }),
  entry(1, {
    name: 'Levers, first lesson',
    state: 'damaged',
    trouble: {
      code: 'verify.damaged',
      message: '3 packets of media/cam-back/0001.mkv have wrong checksums.',
      nextStep: 'Download the session from its destination, or repair it with: fieldroom repair.',
    },
  }),
  entry(2, {
    name: 'Pendulum',
    state: 'unfinished',
    report: false,
    trouble: {
      code: 'session.unfinished',
      message: 'The recording ended early and was not sealed.',
      nextStep: 'Repair it with: fieldroom repair.',
    },
  }),
  entry(9, {
    name: 'From the lab',
    state: 'unreadable',
    durationNs: null,
    startedAtMs: null,
    bytes: 0,
    participants: [],
    streams: { video: 0, audio: 0, samples: 0 },
    markers: 0,
    report: false,
    trouble: {
      code: 'session.newer',
      message: 'This session was made by a newer Fieldroom.',
      nextStep: 'Update Fieldroom to open it.',
    },
  }),
];

const TRASHED: readonly Trashed[] = [
  { id: 't1', study: 'physics-7b', session: '20261103-091500-a1b2', deletedAtMs: FIRST_MS - 4 * DAY_MS, bytes: 1.2e9 },
];

/** @param scene a value of `FIELDROOM_FAKE_STATE` */
export const sessionsOf = (scene: string): { sessions: SessionEntry[]; trash: Trashed[] } => ({
  sessions: scene === 'empty' ? [] : [...(scene === 'alarm' ? TROUBLED : CALM)],
  trash: scene === 'ready' ? [...TRASHED] : [],
});
