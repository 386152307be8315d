/** The only retry loop of uploads: growing delays, jitter, and the server's requested delay. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FieldroomError } from '../../common/errors.ts';
import { remedyOf } from './uploadErrors.ts';

export interface RetrierOptions {
  /** How long to continue without anything getting through. */
  deadlineMs: number;
  signal: AbortSignal;
  /** Called before each delay. */
  onWait: (error: FieldroomError, pauseMs: number) => void;
  /** The server was overloaded. */
  onBusy?: () => void;
  firstPauseMs?: number;
  longestPauseMs?: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** Limit on the delay that a server may request. */
const LONGEST_ASKED_MS = 10 * 60_000;

/** Shared by all requests of one upload: a single success resets the delays. */
export class Retrier {
  readonly #options: RetrierOptions;
  /** How often the delay has grown. */
  #level = 0;
  /** Failures until this time count as one outage. */
  #countedUntilMs = 0;
  #sinceMs: number | null = null;

  constructor(options: RetrierOptions) {
    this.#options = options;
  }

  /** Something got through. */
  success(): void {
    this.#level = 0;
    this.#countedUntilMs = 0;
    this.#sinceMs = null;
  }

  /** @throws the error of `work`, if retrying does not help or nothing got through before the deadline. */
  async retry<T>(work: () => Promise<T>): Promise<T> {
    const { signal, deadlineMs, onWait, onBusy } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        const result = await work();
        this.success();
        return result;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof FieldroomError) || remedyOf(error) !== 'again') throw error;
        const nowMs = performance.now();
        this.#sinceMs ??= nowMs;
        if (nowMs - this.#sinceMs >= deadlineMs) throw error;
        if (error.code === 'upload.busy' || error.code === 'upload.stalled') onBusy?.();
        const pauseMs = this.#pauseMs(error);
        onWait(error, pauseMs);
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  #pauseMs(error: FieldroomError): number {
    const { firstPauseMs = FIRST_PAUSE_MS, longestPauseMs = LONGEST_PAUSE_MS } = this.#options;
    const nowMs = performance.now();
    const isNew = nowMs >= this.#countedUntilMs;
    if (isNew) this.#level += 1;
    const grown = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#level - 1, 20));
    if (isNew) this.#countedUntilMs = nowMs + grown / 2;
    const asked = Math.min(LONGEST_ASKED_MS, Number(error.data.retryAfterMs ?? 0));
    // Between half and all of it, so that laptops that lost the same server do not return at the same moment.
    return Math.max(asked, grown * (0.5 + Math.random() / 2));
  }
}

/** `Retry-After` as milliseconds from now; 0 if absent. */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number {
  if (!header) return 0;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}
