/** Verifies in a separate thread, so that minutes of reading do not delay people viewing a session. */
import { Worker } from 'node:worker_threads';
import { type ErrorReport, FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { Verdict } from '../../common/review.ts';

export type VerifyMessage =
  | { type: 'progress'; fraction: number }
  | { type: 'done'; sealed: boolean; verdict: Verdict }
  | { type: 'failed'; error: ErrorReport };

/** @throws FieldroomError when there is nothing to verify; damage is reported in the verdict */
export function verifyInWorker(
  folder: string,
  onProgress: (fraction: number) => void,
): Promise<{ sealed: boolean; verdict: Verdict }> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./verify.entry.${extension}`, import.meta.url), { workerData: { folder } });
  worker.unref();
  return new Promise((resolve, reject) => {
    const stopped = (cause: unknown): void => reject(fieldroomError('review.verify-stopped', { folder }, { cause }));
    worker.on('message', (message: VerifyMessage) => {
      if (message.type === 'progress') onProgress(message.fraction);
      else if (message.type === 'done') resolve(message);
      else reject(FieldroomError.from(message.error));
    });
    worker.on('error', stopped);
    worker.on('exit', stopped);
  });
}
