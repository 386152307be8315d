/** The thread that seals one session while the next one may already be recorded. */
import { parentPort, workerData } from 'node:worker_threads';
import { reportOf } from '../../common/errors.ts';
import { type SealProgress, type SealResult, sealSession } from './seal.ts';
import type { SealMessage } from './sealClient.ts';
import { sealHooks } from './sealHooks.ts';

const port = parentPort;
if (!port) throw new Error('seal.entry.ts runs as a worker thread');
const post = (message: SealMessage): void => port.postMessage(message);
const { folder } = workerData as { folder: string };

sealSession(folder, {
  ...sealHooks,
  onProgress: (progress: SealProgress) => post({ type: 'progress', progress }),
}).then(
  (result: SealResult) => post({ type: 'done', result }),
  (error: unknown) => post({ type: 'failed', error: reportOf(error) }),
);
