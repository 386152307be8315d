/** What delays the host's reads, by kind of link: its own work, the run queue, and the system's workers. */
import type { SensorSource } from '../../electron/common/kit.ts';
import { KernelWorkers, NO_DELAY, type SystemDelay } from '../transports/kernelWorkers.ts';
import { Lateness, ThreadLateness } from '../transports/lateness.ts';
import type { LinkLateness } from './sourceRunner.ts';

export class HostLateness implements LinkLateness {
  readonly #main: Lateness;
  readonly #thread: ThreadLateness;
  readonly #workers = new KernelWorkers();

  constructor(now: () => number) {
    this.#main = new Lateness({ now });
    this.#thread = new ThreadLateness(this.#main);
  }

  /** A HID report is read by a thread of its library; everything else by the event loop. */
  ofRead(kind: SensorSource['kind'], nowNs: number): number {
    return (kind === 'hid' ? this.#thread : this.#main).ofRead(nowNs);
  }

  systemDelay(kind: SensorSource['kind']): SystemDelay {
    return kind === 'serial' ? this.#workers.delay : NO_DELAY;
  }

  /** Called before collected samples are sent. */
  look(nowNs: number): void {
    this.#workers.look(nowNs);
  }

  close(): void {
    this.#main.stop();
    this.#workers.close();
  }
}
