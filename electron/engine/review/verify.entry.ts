/** The thread that verifies one session completely. */
import { parentPort, workerData } from 'node:worker_threads';
import { reportOf } from '../../common/errors.ts';
import { verifySession } from '../../session/check/verify.ts';
import { shorten } from './receipts.ts';
import type { VerifyMessage } from './verifyClient.ts';

const port = parentPort;
if (!port) throw new Error('verify.entry.ts runs as a worker thread');
const post = (message: VerifyMessage): void => port.postMessage(message);
const { folder } = workerData as { folder: string };

verifySession(folder, (fraction) => post({ type: 'progress', fraction })).then(
  (result) => post({ type: 'done', sealed: result.sealed, verdict: shorten(result) }),
  (error: unknown) => post({ type: 'failed', error: reportOf(error) }),
);
