/** Main's own eye on the appliance: asks the door for its state once a second, because power and quitting depend on it. */
import type { ApplianceState } from '../common/applianceState.ts';
import { DoorClient } from '../common/doorClient.ts';
import { reportOf } from '../common/errors.ts';
import type { EngineReady } from './engineProtocol.ts';
import type { Log } from './log.ts';

const EVERY_MS = 1000;
const ANSWER_WITHIN_MS = 2000;

/** Opening devices or draining a session takes seconds on a busy machine. */
export const WORK_WITHIN_MS = 60_000;

/** A client that does not wait for ever for a recorder that hangs. */
export function doorClient(door: { url: string; token: string }, answerWithinMs = ANSWER_WITHIN_MS): DoorClient {
  return new DoorClient(door, (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(answerWithinMs) }));
}

/** It answers, and proves that it issued the token. */
export async function isHealthy({ url, tokens }: EngineReady): Promise<boolean> {
  try {
    await doorClient({ url, token: tokens.operator }).prove();
    return true;
  } catch {
    return false;
  }
}

/** Whether a process of that number is there. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tells an engine of another life that this app looks after it now: it ends with it, and starts it again when it must. */
export async function attend(door: { url: string; token: string }, log: Log): Promise<void> {
  try {
    await doorClient(door, WORK_WITHIN_MS).call('appliance.attend', { pid: process.pid });
  } catch (error) {
    log('error', 'the engine could not be told who looks after it', { error: reportOf(error).message });
  }
}

/** Recording or paused: a session that a person has begun and not ended. */
export const isRecordingState = (state: ApplianceState | null): boolean =>
  state?.session?.state === 'recording' || state?.session?.state === 'paused';

export class ApplianceMonitor {
  readonly #onChange: (state: ApplianceState | null) => void;
  #client: DoorClient | null = null;
  #state: ApplianceState | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange called after every look; null: the door does not answer */
  constructor(onChange: (state: ApplianceState | null) => void) {
    this.#onChange = onChange;
  }

  /** The last state seen. While the door is silent the last one stands: a recording is not over because nobody answers. */
  get state(): ApplianceState | null {
    return this.#state;
  }

  get recording(): boolean {
    return isRecordingState(this.#state);
  }

  watch(door: { url: string; token: string }): void {
    this.#client = doorClient(door);
    void this.#look(this.#client);
  }

  /** Looks once more, now. */
  async refresh(): Promise<void> {
    if (this.#client) await this.#ask(this.#client);
  }

  stop(): void {
    this.#client = null;
    clearTimeout(this.#timer);
  }

  async #look(client: DoorClient): Promise<void> {
    clearTimeout(this.#timer);
    await this.#ask(client);
    if (this.#client === client) this.#timer = setTimeout(() => void this.#look(client), EVERY_MS);
  }

  async #ask(client: DoorClient): Promise<void> {
    const state = await client.call('state.get', {}).catch(() => null);
    if (this.#client !== client) return;
    if (state) this.#state = state;
    this.#onChange(state);
  }
}
