/** The window's side of the worker: starts it, forwards its messages, and restarts it if it dies. */
import type { FromWorker, ToWorker } from './workerMessages.ts';

export class CaptureWorker {
  #worker: Worker;
  readonly #onMessage: (message: FromWorker) => void;
  readonly #onDeath: (reason: string) => void;
  /** Kept for a restart. */
  #publish: ToWorker | null = null;
  #preview: ToWorker | null = null;

  constructor(onMessage: (message: FromWorker) => void, onDeath: (reason: string) => void) {
    this.#onMessage = onMessage;
    this.#onDeath = onDeath;
    this.#worker = this.#start();
  }

  post(message: ToWorker, transfer: Transferable[] = []): void {
    if (message.type === 'publish') this.#publish = message;
    if (message.type === 'preview') this.#preview = message;
    this.#worker.postMessage(message, transfer);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./worker/capture.worker.entry.ts', import.meta.url), {
      type: 'module',
      name: 'capture',
    });
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.#onMessage(event.data);
    worker.onerror = (event) => {
      if (worker !== this.#worker) return;
      event.preventDefault();
      worker.terminate();
      this.#worker = this.#start();
      this.#onDeath(event.message || 'unknown');
    };
    worker.postMessage({ type: 'start', timeOriginMs: performance.timeOrigin } satisfies ToWorker);
    for (const message of [this.#publish, this.#preview]) if (message) worker.postMessage(message);
    return worker;
  }
}
