/** Polls the appliance's state through the door once a second, because power saving and quitting depend on it. */
import type { ApplianceState } from '../common/applianceState.ts';
import { DoorClient } from '../common/doorClient.ts';
import { reportOf } from '../common/errors.ts';
import type { EngineReady } from './engineProtocol.ts';
import type { Log } from './log.ts';

const EVERY_MS = 1000;
const ANSWER_WITHIN_MS = 2000;

/** Opening devices or draining a session takes seconds on a busy machine. */
export const WORK_WITHIN_MS = 60_000;

/** A client with a time limit, for a recorder that hangs. */
export function doorClient(door: { url: string; token: string }, answerWithinMs = ANSWER_WITHIN_MS): DoorClient {
  return new DoorClient(door, (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(answerWithinMs) }));
}

/** Whether the engine answers and proves that it issued the token. */
export async function isHealthy({ url, tokens }: EngineReady): Promise<boolean> {
  try {
    await doorClient({ url, token: tokens.operator }).prove();
    return true;
  } catch {
    return false;
  }
}

/** Whether a process with this id exists. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Registers this app as the parent of an adopted engine, which then ends with the app and restarts it after a crash. */
export async function attend(door: { url: string; token: string }, log: Log): Promise<void> {
  try {
    await doorClient(door, WORK_WITHIN_MS).call('appliance.attend', { pid: process.pid });
  } catch (error) {
    log('error', 'could not register with the adopted engine', { error: reportOf(error).message });
  }
}

/** Recording or paused: a session that was started and not stopped yet. */
export const isRecordingState = (state: ApplianceState | null): boolean =>
  state?.session?.state === 'recording' || state?.session?.state === 'paused';

export class ApplianceMonitor {
  readonly #onChange: (state: ApplianceState | null) => void;
  #client: DoorClient | null = null;
  #state: ApplianceState | null = null;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange called after every poll; null: the door does not answer */
  constructor(onChange: (state: ApplianceState | null) => void) {
    this.#onChange = onChange;
  }

  /** The last known state, kept while the door does not answer: silence does not mean that the recording is over. */
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

  /** Polls now. */
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
