/** The status of the LiveKit server. */
import type { FieldroomError } from '../../common/errors.ts';
import type { LivekitPorts } from './livekitConfig.ts';

/**
 * `starting` for the first time, `running` (healthy, rooms made), `restarting` after it ended or hung, `failed` (no
 * more retries: call `start` again), `stopped`.
 */
export type LivekitState = 'starting' | 'running' | 'restarting' | 'failed' | 'stopped';

export interface LivekitStatus {
  state: LivekitState;
  /** One plain sentence. */
  message: string;
  /** Next step for a person; empty when there is none. */
  nextStep: string;
  /** Error code (`livekit.missing`); empty when there is no error. */
  code: string;
  /** For clients on this computer, `ws://127.0.0.1:port`; null until the server ran once and when it is stopped. */
  url: string | null;
  /** Ports in use; null like `url`. */
  ports: LivekitPorts | null;
  /** Process id of the server while it runs. */
  pid: number | null;
  /** Restarts since `start`. */
  restarts: number;
}

export type LivekitLog = (
  level: 'info' | 'warn' | 'error',
  code: string,
  message: string,
  data?: Record<string, unknown>,
) => void;

export const stoppedStatus: LivekitStatus = {
  state: 'stopped',
  message: 'The LiveKit server is not running.',
  nextStep: '',
  code: '',
  url: null,
  ports: null,
  pid: null,
  restarts: 0,
};

/** The current status and its listener. */
export class LivekitStatusStore {
  status: LivekitStatus = stoppedStatus;
  readonly log: LivekitLog;
  readonly #onState: (status: LivekitStatus) => void;
  #waiters: (() => void)[] = [];

  constructor(onState?: (status: LivekitStatus) => void, log?: LivekitLog) {
    this.#onState = onState ?? (() => {});
    this.log = log ?? (() => {});
  }

  set(change: Partial<LivekitStatus> & { state: LivekitState }, data?: Record<string, unknown>): void {
    this.status = { ...this.status, ...change };
    const { state, code, message } = this.status;
    const level = state === 'failed' ? 'error' : state === 'restarting' ? 'warn' : 'info';
    this.log(level, code || `livekit.${state}`, message, data);
    this.#onState(this.status);
    for (const wake of this.#waiters.splice(0)) wake();
  }

  /** The server ended for `reason`, or was ended for `purpose`. */
  restarting(reason: FieldroomError, purpose: FieldroomError | undefined): void {
    const { code, nextStep = '', data } = purpose ?? reason;
    const message = purpose?.message ?? `${reason.message} It is being started again.`;
    this.set({ state: 'restarting', message, code, nextStep, pid: null }, data);
  }

  failed({ code, message, nextStep = '', data }: FieldroomError): void {
    this.set({ ...stoppedStatus, state: 'failed', message, code, nextStep }, data);
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }
}
