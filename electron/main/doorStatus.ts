/** The engine's status for the windows: its address, once known, and errors of the app itself. */
import type { DoorAddress } from '../common/doorClient.ts';
import type { ErrorReport } from '../common/errors.ts';
import type { WindowName } from '../common/ipc.ts';
import type { EngineReady } from './engineProtocol.ts';

/** The parts of the app whose errors cannot be reported through the door. */
export type ErrorPlace = 'engine' | 'kit';

export class DoorStatus {
  readonly #onDoor: (window: WindowName, door: DoorAddress) => void;
  readonly #onProblems: (problems: ErrorReport[]) => void;
  readonly #waiting: ((ready: EngineReady) => void)[] = [];
  readonly #troubles = new Map<ErrorPlace, ErrorReport>();
  #ready: EngineReady | null = null;

  constructor(onDoor: (window: WindowName, door: DoorAddress) => void, onProblems: (problems: ErrorReport[]) => void) {
    this.#onDoor = onDoor;
    this.#onProblems = onProblems;
  }

  /** A window's door; waits for the first engine. Keeps the last address while an engine restarts. */
  async door(window: WindowName): Promise<DoorAddress> {
    const ready = this.#ready ?? (await new Promise<EngineReady>((resolve) => this.#waiting.push(resolve)));
    return { url: ready.url, token: ready.tokens[window] };
  }

  opened(ready: EngineReady): void {
    this.#ready = ready;
    for (const resolve of this.#waiting.splice(0)) resolve(ready);
    for (const window of ['operator', 'capture'] as const)
      this.#onDoor(window, { url: ready.url, token: ready.tokens[window] });
  }

  get problems(): ErrorReport[] {
    return [...this.#troubles.values()];
  }

  trouble(place: ErrorPlace, report: ErrorReport | null): void {
    if (report) this.#troubles.set(place, report);
    else if (!this.#troubles.delete(place)) return;
    this.#onProblems(this.problems);
  }
}
