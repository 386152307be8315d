/** Uploads of the fake engine: none, a queue without errors, and one upload for every error. */
import type { UploadEntry, UploadFile, UploadsState } from '../../electron/common/uploads.ts';

const NOW_MS = Date.UTC(2026, 10, 22, 15, 0);
const LAB = 's3://lessons/2026 at https://storage.uni.example';
const STICK = '/media/teacher/LESSONS';

const NOTHING: UploadsState = {
  ...{ destinations: [], studies: [], bytesPerSecond: null, paused: false, recording: false },
  ...{ uploads: [], troubles: [], pid: null },
};

const entry = (id: number, session: string, more: Partial<UploadEntry>): UploadEntry => ({
  ...{ id, study: 'physics-7b', session, place: LAB, destination: 'to-lab', state: 'queued', hold: 'turn' },
  ...{ bytes: 2_960_000_000, doneBytes: 0, files: 9, filesDone: 0, bytesPerSecond: 0, secondsLeft: null },
  ...{ addedMs: NOW_MS, endedMs: null, error: null, againAtMs: null },
  ...more,
});

const CALM: UploadsState = {
  ...NOTHING,
  pid: 4242,
  destinations: [
    {
      ...{ id: 'to-lab', name: 'Lab storage', keyed: true, place: LAB, keys: 'given' },
      settings: {
        ...{ kind: 's3', bucket: 'lessons', prefix: '2026', endpoint: 'https://storage.uni.example' },
        ...{ region: 'us-east-1', pathStyle: true },
      },
    },
    {
      ...{ id: 'to-stick', name: 'Stick', keyed: false, place: STICK, keys: 'none' },
      settings: { kind: 'folder', path: STICK },
    },
  ],
  studies: [{ study: 'physics-7b', on: true, destinations: ['to-lab'] }],
  uploads: [
    entry(3, '20261122-091500-k3f0', {
      ...{ state: 'running', hold: null, doneBytes: 1_240_000_000, filesDone: 4 },
      ...{ bytesPerSecond: 11_400_000, secondsLeft: 151 },
    }),
    entry(4, '20261121-091500-k3f1', {}),
    entry(2, '20261120-091500-k3f2', {
      ...{ state: 'done', hold: null, doneBytes: 2_960_000_000, filesDone: 9, endedMs: NOW_MS - 86_400_000 },
    }),
    entry(1, '20261119-091500-k3f3', {
      ...{ state: 'freed', hold: null, doneBytes: 2_960_000_000, filesDone: 9, endedMs: NOW_MS - 3 * 86_400_000 },
    }),
  ],
};

const TROUBLED: UploadsState = {
  ...CALM,
  recording: true,
  destinations: CALM.destinations.map((one) => (one.id === 'to-lab' ? { ...one, keys: 'missing' } : one)),
  uploads: [
    entry(3, '20261122-091500-k3f0', {
      ...{ state: 'failed', hold: null, doneBytes: 1_240_000_000, filesDone: 4 },
      error: {
        code: 'upload.destination-full',
        message: `${LAB} is full.`,
        nextStep: 'Free some space there, or ask its owner; then resume.',
      },
    }),
    entry(4, '20261121-091500-k3f1', {
      ...{ state: 'waiting', hold: null, place: STICK, destination: 'to-stick', againAtMs: Date.now() + 42_000 },
      error: {
        code: 'upload.unreachable',
        message: `${STICK} cannot be reached.`,
        nextStep: 'The upload resumes automatically when there is a network. If there is one, check the address.',
      },
    }),
    entry(5, '20261120-091500-k3f2', { state: 'waiting', hold: 'keys', doneBytes: 80_000_000 }),
    entry(6, '20261119-091500-k3f3', { hold: 'recording' }),
  ],
  troubles: [
    {
      ...{ study: 'physics-7b', session: '20261118-091500-k3f4' },
      error: {
        code: 'upload.file-changed',
        message: 'media/camera-front/0001.mkv has 1200 bytes, not 831000.',
        nextStep: 'Run `fieldroom verify` on this session, and restore the file from a copy.',
      },
    },
  ],
};

const FILES: UploadFile[] = [
  { path: 'media/camera-back/0001.mkv', bytes: 1_300_000_000, doneBytes: 560_000_000, state: 'sending', proof: null },
  { path: 'media/mic-table-1/0001.mkv', bytes: 41_000_000, doneBytes: 41_000_000, state: 'sent', proof: null },
  { path: 'session.sqlite', bytes: 220_000_000, doneBytes: 0, state: 'pending', proof: null },
  {
    ...{ path: 'media/camera-front/0001.mkv', bytes: 1_200_000_000, doneBytes: 1_200_000_000, state: 'verified' },
    proof: 'server-checksum',
  },
];

const REFUSED = {
  code: 'upload.refused',
  message: `${LAB} does not accept the keys.`,
  nextStep: 'Enter the keys again.',
};

/** Answers of the door, by call. @param scene a state of the fake engine */
export const uploadAnswers = (scene: string): Record<string, () => unknown> => ({
  'uploads.get': () => (scene === 'empty' ? NOTHING : scene === 'alarm' ? TROUBLED : CALM),
  'destinations.test': () => ({
    steps: [{ name: 'write', error: REFUSED }],
  }),
  'destinations.save': () => ({ id: 'to-lab' }),
  'uploads.files': () => ({ files: FILES, total: FILES.length }),
});
