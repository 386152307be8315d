/**
 * How long the kernel's own workers waited for a processor. Bytes of a serial port pass through one of them before they
 * can be read (`tty_flip_buffer_push` queues them on an unbound work queue), so on a busy computer they arrive late
 * even though the reader itself was never delayed. Linux counts this waiting time for each worker, as for any thread.
 */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import process from 'node:process';

/** Workers are created and destroyed. */
const LOOKS_PER_LIST = 40;

/** The longest wait of a worker, in nanoseconds, before and after the second newest measurement. */
export interface SystemDelay {
  /** When that measurement was made. */
  lookedNs: number;
  sinceNs: number;
  beforeNs: number;
}

export const NO_DELAY: SystemDelay = { lookedNs: 0, sinceNs: 0, beforeNs: 0 };

interface Worker {
  fd: number;
  waitedNs: number;
}

export class KernelWorkers {
  readonly #proc: string;
  readonly #buffer = Buffer.alloc(96);
  readonly #workers = new Map<string, Worker>();
  #looks = 0;
  #delay = NO_DELAY;
  #lookedNs = 0;

  /** @param proc a different folder in tests. */
  constructor(proc = '/proc') {
    this.#proc = proc;
  }

  get delay(): SystemDelay {
    return this.#delay;
  }

  look(nowNs: number): void {
    if (process.platform !== 'linux') return;
    if (this.#looks % LOOKS_PER_LIST === 0) this.#list();
    this.#looks += 1;
    let sinceNs = 0;
    for (const [id, worker] of this.#workers) {
      const waitedNs = this.#read(worker.fd);
      if (waitedNs === null) this.#forget(id, worker);
      else {
        sinceNs = Math.max(sinceNs, waitedNs - worker.waitedNs);
        worker.waitedNs = waitedNs;
      }
    }
    this.#delay = { lookedNs: this.#lookedNs, sinceNs, beforeNs: this.#delay.sinceNs };
    this.#lookedNs = nowNs;
  }

  close(): void {
    for (const [id, worker] of this.#workers) this.#forget(id, worker);
  }

  #list(): void {
    for (const id of readdirSync(this.#proc)) {
      if (!/^\d+$/.test(id) || this.#workers.has(id)) continue;
      try {
        if (!readFileSync(`${this.#proc}/${id}/comm`, 'latin1').startsWith('kworker/u')) continue;
        const fd = openSync(`${this.#proc}/${id}/schedstat`, 'r');
        this.#workers.set(id, { fd, waitedNs: this.#read(fd) ?? 0 });
      } catch {
        // It has ended in the meantime, or the system hides it.
      }
    }
  }

  /** The second number of schedstat; null: the worker has ended. */
  #read(fd: number): number | null {
    try {
      const text = this.#buffer.toString('latin1', 0, readSync(fd, this.#buffer, 0, this.#buffer.length, 0));
      const waitedNs = Number(text.split(' ')[1]);
      return Number.isFinite(waitedNs) ? waitedNs : null;
    } catch {
      return null;
    }
  }

  #forget(id: string, { fd }: Worker): void {
    this.#workers.delete(id);
    closeSync(fd);
  }
}
