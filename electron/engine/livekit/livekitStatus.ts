/** What the supervisor tells of the LiveKit server. */
import type { LivekitPorts } from './livekitConfig.ts';

/**
 * `starting` for the first time, `running` (healthy, rooms made), `restarting` after it ended or hung, `failed` (nothing
 * is tried any more: `start` again), `stopped`.
 */
export type LivekitState = 'starting' | 'running' | 'restarting' | 'failed' | 'stopped';

export interface LivekitStatus {
  state: LivekitState;
  /** One plain sentence. */
  message: string;
  /** What a person can do; empty when nothing. */
  nextStep: string;
  /** Machine word of the trouble (`livekit.missing`); empty while all is well. */
  code: string;
  /** For clients on this computer, `ws://127.0.0.1:port`; null until the server ran once and when it is stopped. */
  url: string | null;
  /** Ports in use; null like `url`. */
  ports: LivekitPorts | null;
  /** Process id of the server while it runs. */
  pid: number | null;
  /** Times it was brought back since `start`. */
  restarts: number;
}

export type LivekitLog = (level: 'info' | 'warn' | 'error', code: string, message: string, data?: Record<string, unknown>) => void;

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
