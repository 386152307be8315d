/** Tells the engine how a source is doing: each change once, and each trouble once to the session's log. */
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
  /** What it begins with is told too. */
  #told = false;

  constructor(source: string, publisher: PublisherPort) {
    this.#publisher = publisher;
    this.#state = searching(source);
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Tells it anew, to an engine that has just come. */
  restate(): void {
    this.#publisher.report(this.#state);
  }

  /** @param target the device that is meant; while it is looked for it goes without a name */
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
    // The session's log has each trouble once, however often it is tried in vain.
    if (state === 'streaming') this.#logged.clear();
    const fresh = next.code !== '' && !this.#logged.has(next.code);
    if (fresh) this.#logged.add(next.code);
    this.#state = next;
    this.#publisher.report(next);
    if (fresh)
      this.#publisher.event(state === 'error' ? 'error' : 'warn', next.code, `${next.source}: ${next.message}`);
  }
}
