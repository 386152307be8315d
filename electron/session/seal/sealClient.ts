/** Runs sealing in a separate thread, for the engine. */
import { Worker } from 'node:worker_threads';
import { type ErrorReport, FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { SealProgress, SealResult } from './seal.ts';

export type SealMessage =
  | { type: 'progress'; progress: SealProgress }
  | { type: 'done'; result: SealResult }
  | { type: 'failed'; error: ErrorReport };

/**
 * @throws FieldroomError the error of sealing, or `store.seal-stopped` when its thread ended early: seal again to
 * finish.
 */
export function sealInWorker(
  folder: string,
  onProgress: (progress: SealProgress) => void = () => {},
): Promise<SealResult> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const worker = new Worker(new URL(`./seal.entry.${extension}`, import.meta.url), { workerData: { folder } });
  return new Promise((resolve, reject) => {
    const stopped = (cause: unknown): void => reject(fieldroomError('store.seal-stopped', { folder }, { cause }));
    worker.on('message', (message: SealMessage) => {
      if (message.type === 'progress') onProgress(message.progress);
      else if (message.type === 'done') resolve(message.result);
      else reject(FieldroomError.from(message.error));
    });
    worker.on('error', stopped);
    worker.on('exit', stopped);
  });
}
