/** What holds up the host's reads, by the kind of link: its own work, the run queue, and the system's workers. */
import type { SensorSource } from '../../electron/common/kit.ts';
import { KernelWorkers } from '../transports/kernelWorkers.ts';
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

  /** A HID report is read by a thread of its library; everything else by the loop itself. */
  ofRead(kind: SensorSource['kind'], nowNs: number): number {
    return (kind === 'hid' ? this.#thread : this.#main).ofRead(nowNs);
  }

  systemNs(kind: SensorSource['kind']): number {
    return kind === 'serial' ? this.#workers.worstNs : 0;
  }

  /** Called before what was gathered is sent. */
  look(): void {
    this.#workers.look();
  }

  close(): void {
    this.#main.stop();
    this.#workers.close();
  }
}
