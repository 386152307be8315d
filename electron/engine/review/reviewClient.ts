/** The engine's end of the thread that reads sessions. It is started at the first request, and restarted if it dies. */
import { Worker } from 'node:worker_threads';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import type { ReviewAnswer, ReviewRequest, ReviewWork } from './reviewApi.ts';

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: FieldroomError) => void;
}

export class ReviewClient {
  readonly #dataFolder: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #next = 1;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  /** @throws FieldroomError the error of the work, or `review.stopped` */
  ask<N extends keyof ReviewWork>(
    name: N,
    input: Parameters<ReviewWork[N]>[0],
  ): Promise<Awaited<ReturnType<ReviewWork[N]>>> {
    this.#worker ??= this.#start();
    const request = this.#next;
    this.#next += 1;
    const message: ReviewRequest = { request, name, input };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker?.postMessage(message);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./reviewWorker.entry.${extension}`, import.meta.url), {
      workerData: { dataFolder: this.#dataFolder },
    });
    worker.on('message', (answer: ReviewAnswer) => {
      const waiting = this.#waiting.get(answer.request);
      this.#waiting.delete(answer.request);
      if ('error' in answer) waiting?.reject(FieldroomError.from(answer.error));
      else waiting?.resolve(answer.value);
    });
    const stopped = (cause: unknown): void => {
      if (this.#worker === worker) this.#worker = null;
      const error = fieldroomError('review.stopped', {}, { cause });
      for (const { reject } of this.#waiting.values()) reject(error);
      this.#waiting.clear();
    };
    worker.on('error', stopped);
    worker.on('exit', stopped);
    // It ends with the engine, whatever it is doing.
    worker.unref();
    return worker;
  }
}
