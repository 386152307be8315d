/** Devices viewed without being in the kit (`common/trial.ts`). Requests expire and must be repeated. */
import type { SourceHealth } from '../../common/applianceState.ts';
import type { Source } from '../../common/kit.ts';
import { SourceRegistry } from './sourceRegistry.ts';

/** A closed or crashed page must not leave a camera on. */
const LEASE_MS = 8_000;

export class Trials {
  /** Their status. */
  readonly board = new SourceRegistry();
  readonly #onChange: () => void;
  #text = '[]';
  #lease: NodeJS.Timeout | undefined;

  /** @param onChange the requested devices changed */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get sources(): readonly Source[] {
    return this.board.sources;
  }

  /** Opens exactly these for the next seconds. */
  ask(sources: readonly Source[]): void {
    clearTimeout(this.#lease);
    if (sources.length > 0) {
      this.#lease = setTimeout(() => this.end(), LEASE_MS);
      this.#lease.unref();
    }
    const text = JSON.stringify(sources);
    if (text === this.#text) return;
    this.#text = text;
    this.board.setSources(sources);
    this.#onChange();
  }

  /** Nobody is viewing any more, or a session begins. */
  end(): void {
    this.ask([]);
  }

  health(): SourceHealth[] {
    return this.board.health(new Map(), performance.now(), false);
  }
}
