/**
 * Keeps the bridge running. `onReady` configures each new process from scratch; a recording is not affected when one
 * ends.
 */
import { join } from 'node:path';
import type { EngineClock } from '../clock/engineClock.ts';
import { RotatingFile } from '../log/rotatingFile.ts';
import { BridgeProcess } from './bridgeProcess.ts';
import { BRIDGE_PROTOCOL, type BridgeOrder, type BridgeRecorded, type BridgeReport } from './bridgeWire.ts';
import type { LivekitLog } from './livekitStatus.ts';

const BACKOFF_MS = [0, 250, 500, 1000, 2000, 5000];
/** A bridge that ran this long begins a new series of restarts. */
const STABLE_MS = 30_000;
const STOP_GRACE_MS = 2000;

export interface BridgeSupervisorOptions {
  path: string;
  logFolder: string;
  clock: EngineClock;
  /** Engine time plus this is Unix time; constant while the engine runs. */
  wallOffsetNs: number;
  log: LivekitLog;
  /** A new process that has no configuration yet. */
  onReady: () => void;
  onReport: (report: BridgeReport) => void;
  onRecorded: (recorded: BridgeRecorded) => void;
  /** It has ended and will be restarted. */
  onLost: () => void;
}

export class BridgeSupervisor {
  readonly #options: BridgeSupervisorOptions;
  readonly #log: RotatingFile;
  #process: BridgeProcess | null = null;
  #ready = false;
  #stopping = false;
  #tries = 0;
  #timer: NodeJS.Timeout | undefined;
  /** One plain sentence while it does not run. */
  message = '';

  constructor(options: BridgeSupervisorOptions) {
    this.#options = options;
    this.#log = new RotatingFile(join(options.logFolder, 'bridge.log'));
  }

  get ready(): boolean {
    return this.#ready;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Packets dropped because this bridge process was too far behind. */
  get dropped(): number {
    return this.#process?.dropped ?? 0;
  }

  start(): void {
    const startedMs = performance.now();
    const { path, clock, wallOffsetNs, onRecorded } = this.#options;
    const life = new BridgeProcess({
      path,
      onLine: (line) => this.#log.write(line),
      onReport: (report) => this.#onReport(life, report),
      onRecorded,
    });
    this.#process = life;
    life.order({ type: 'hello', protocol: BRIDGE_PROTOCOL, engineNs: Number(clock.now()), wallOffsetNs });
    void life.ended.then((why) => this.#ended(life, why, performance.now() - startedMs));
  }

  order(order: BridgeOrder): void {
    if (this.#ready) this.#process?.order(order);
  }

  /** False when it does not run or is too far behind. */
  offer(frame: Buffer): boolean {
    return this.#ready && (this.#process?.offer(frame) ?? false);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#process?.stop(STOP_GRACE_MS);
    await this.#log.flush();
  }

  #onReport(life: BridgeProcess, report: BridgeReport): void {
    if (life !== this.#process) return;
    if (report.type === 'failed') {
      // Restarting does not fix a wrong version: a person must act.
      this.message = report.message;
      this.#stopping = true;
      this.#options.log('error', report.code || 'bridge.failed', `The bridge to the live room: ${report.message}.`);
      return;
    }
    if (report.type !== 'ready') {
      this.#options.onReport(report);
      return;
    }
    this.#ready = true;
    this.message = '';
    this.#options.log('info', 'bridge.ready', 'The bridge to the live room is running.', { pid: life.pid });
    this.#options.onReady();
  }

  #ended(life: BridgeProcess, why: string, ranMs: number): void {
    if (life !== this.#process) return;
    const was = this.#ready;
    this.#ready = false;
    if (was) this.#options.onLost();
    if (this.#stopping) return;
    this.message = `The bridge to the live room is restarted: ${why}.`;
    this.#options.log('warn', 'bridge.ended', this.message);
    if (ranMs > STABLE_MS) this.#tries = 0;
    this.#timer = setTimeout(() => this.start(), BACKOFF_MS[Math.min(this.#tries, BACKOFF_MS.length - 1)]);
    this.#tries += 1;
  }
}
