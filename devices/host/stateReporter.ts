/** Reports a source's state to the engine: each change once, and each error once in the session's log. */
import { type SourceState, searching } from '../../electron/common/ingest.ts';
import type { Target } from '../transports/open.ts';
import { deviceLabel } from './matching.ts';
import type { PublisherPort } from './publisherPort.ts';

export type StateWords = Pick<SourceState, 'message' | 'nextStep' | 'code' | 'candidates'>;

const MAX_WORDS = 500;
const MAX_DEVICE = 300;

export class StateReporter {
  readonly #publisher: PublisherPort;
  readonly #logged = new Set<string>();
  #state: SourceState;
  /** The initial state is reported too. */
  #told = false;

  constructor(source: string, publisher: PublisherPort) {
    this.#publisher = publisher;
    this.#state = searching(source);
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Reports the state again, to an engine that has just connected. */
  restate(): void {
    this.#publisher.report(this.#state);
  }

  /** @param target the device; absent while it is being searched for */
  tell(state: SourceState['state'], target: Target | null, words: Partial<StateWords>): void {
    const unknown = state === 'searching' || state === 'choosing' || !target;
    const device = unknown ? '' : target.device ? deviceLabel(target.device) : target.path;
    const next: SourceState = {
      source: this.#state.source,
      state,
      message: (words.message ?? '').slice(0, MAX_WORDS),
      nextStep: (words.nextStep ?? '').slice(0, MAX_WORDS),
      code: words.code ?? '',
      device: device.slice(0, MAX_DEVICE),
      candidates: words.candidates ?? [],
    };
    if (this.#told && JSON.stringify(next) === JSON.stringify(this.#state)) return;
    this.#told = true;
    // The session's log contains each error once, however often the attempt is repeated.
    if (state === 'streaming') this.#logged.clear();
    const fresh = next.code !== '' && !this.#logged.has(next.code);
    if (fresh) this.#logged.add(next.code);
    this.#state = next;
    this.#publisher.report(next);
    if (fresh)
      this.#publisher.event(state === 'error' ? 'error' : 'warn', next.code, `${next.source}: ${next.message}`);
  }
}
