/**
 * Keeps the embedded LiveKit server running: starts it on free ports with fresh keys, watches its health, restarts it
 * on the same ports, recreates the rooms, and ends it without leaving a process behind.
 *
 * The keys are created once per supervisor and kept in memory only: after a restart of the server, a client's token and
 * address are still valid.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { RotatingFile } from '../log/rotatingFile.ts';
import {
  checkLan,
  type LivekitKeys,
  type LivekitLan,
  type LivekitPorts,
  livekitConfigText,
  withoutSecrets,
} from './livekitConfig.ts';
import { asFieldroomError, checkServerFile, isPermanent } from './livekitErrors.ts';
import { livekitHealth, pause, untilReady, untilTrouble } from './livekitHealth.ts';
import { freeLivekitPorts } from './livekitPorts.ts';
import { LivekitProcess } from './livekitProcess.ts';
import type { LivekitAccess, LivekitRoom } from './livekitRoom.ts';
import { type LivekitLog, type LivekitStatus, LivekitStatusStore, stoppedStatus } from './livekitStatus.ts';

export type { LivekitState, LivekitStatus } from './livekitStatus.ts';

export interface LivekitSupervisorOptions {
  /** Path of the livekit-server program. */
  serverPath: string;
  /** Folder of `livekit-server.log`; created if missing. */
  logFolder: string;
  /** What the researcher allows on the classroom network; default false (loopback only). */
  lan?: false | LivekitLan;
  /** Ports to use; default: free ones. */
  ports?: LivekitPorts;
  /** Called with each change, in order. */
  onState?: (status: LivekitStatus) => void;
  log?: LivekitLog;
}

/** Delays between the attempts of one series of restarts; the last one repeats. */
const backoffMs = [0, 250, 500, 1000, 2000, 5000];
/** A server that ran this long begins a new series. */
const stableMs = 30_000;
/** Attempts with other free ports before the first start fails. */
const startTries = 3;
/** Attempts on the same ports before a restart chooses new ones. */
const samePortTries = 3;
const stopGraceMs = 2000;

export class LivekitSupervisor {
  readonly #options: LivekitSupervisorOptions;
  readonly #board: LivekitStatusStore;
  readonly #keys: LivekitKeys = {
    apiKey: `FR${randomBytes(8).toString('hex')}`,
    apiSecret: randomBytes(32).toString('base64url'),
  };
  readonly #rooms = new Map<string, LivekitRoom>();
  readonly #serverLog: RotatingFile;
  #lan: false | LivekitLan;
  #ports: LivekitPorts | undefined;
  /** Another program took one of them: clients need the new address. */
  #portsAreGone = false;
  #process: LivekitProcess | undefined;
  #starting: Promise<void> | undefined;
  #watching: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  /** Why the server is being ended deliberately; reported instead of its exit. */
  #purpose: FieldroomError | undefined;
  #stopping = new AbortController();

  /** @throws FieldroomError `livekit.bad-address` */
  constructor(options: LivekitSupervisorOptions) {
    this.#options = options;
    this.#board = new LivekitStatusStore(options.onState, options.log);
    this.#lan = options.lan ?? false;
    checkLan(this.#lan);
    this.#serverLog = new RotatingFile(join(options.logFolder, 'livekit-server.log'), {
      onError: (error) =>
        this.#board.log('warn', 'livekit.log', `The LiveKit server's log cannot be written: ${error.message}`),
    });
  }

  get status(): LivekitStatus {
    return this.#board.status;
  }

  /** Address and keys for clients in this process. @throws FieldroomError `livekit.not-running` before the first start */
  access(): LivekitAccess {
    if (this.#ports === undefined) throw fieldroomError('livekit.not-running:room');
    return { url: `ws://127.0.0.1:${this.#ports.signal}`, ...this.#keys };
  }

  /**
   * Resolves when the server is healthy and its rooms are made. From then on it is kept running until `stop`.
   * @throws FieldroomError `livekit.*`: the state is `failed` with the same error
   */
  async start(): Promise<void> {
    await this.#ending;
    if (this.#watching !== undefined) return;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    await this.#starting;
  }

  /** Ends rooms and server completely, within about four seconds. */
  async stop(): Promise<void> {
    this.#ending ??= this.#stop().finally(() => {
      this.#ending = undefined;
    });
    await this.#ending;
  }

  /**
   * Opens or closes the server to the classroom network, or applies changed addresses of the machine, which it does not
   * detect. A running server is restarted on the same ports; clients reconnect automatically, so the rooms are not
   * ended first. Resolves when it runs again.
   * @throws FieldroomError `livekit.*` when it cannot; `livekit.bad-address` before anything is changed
   */
  async setLan(lan: false | LivekitLan): Promise<void> {
    checkLan(lan);
    this.#lan = lan;
    await this.#starting?.catch(() => {});
    if (this.#watching === undefined) return;
    this.#purpose = fieldroomError('livekit.lan-changed');
    this.#process?.kill();
    while (this.#purpose !== undefined || this.#board.status.state === 'restarting') await this.#board.changed();
    if (this.#board.status.state === 'failed')
      throw new FieldroomError(this.#board.status.code, this.#board.status.message, {
        nextStep: this.#board.status.nextStep,
      });
  }

  /**
   * The room `name`, made now if the server runs and again after each restart, until `closeRoom`.
   * @throws FieldroomError `livekit.unreachable` when the server has just gone; the room is created when it is back
   */
  async openRoom(name: string): Promise<LivekitRoom> {
    const room = this.#rooms.get(name) ?? (await this.#roomNamed(name));
    this.#rooms.set(name, room);
    if (this.#board.status.state === 'running') await room.create();
    return room;
  }

  async #roomNamed(name: string): Promise<LivekitRoom> {
    // Loaded late: the server's SDK loads slowly, and the recorder starts without it.
    const module = await import('./livekitRoom.ts');
    return new module.LivekitRoom(name, () => this.access());
  }

  /** Ends the room for everybody in it. */
  async closeRoom(name: string): Promise<void> {
    const room = this.#rooms.get(name);
    this.#rooms.delete(name);
    if (this.#board.status.state === 'running') await room?.delete();
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#process !== undefined && this.#board.status.state === 'running') {
      // The server would wait without limit for its participants to leave.
      await Promise.race([Promise.allSettled([...this.#rooms.values()].map((room) => room.delete())), sleep(1000)]);
    }
    await this.#process?.stop(stopGraceMs);
    await Promise.allSettled([this.#starting, this.#watching]);
    this.#watching = undefined;
    this.#process = undefined;
    this.#purpose = undefined;
    await this.#serverLog.flush();
    if (this.#board.status.state !== 'stopped') this.#board.set(stoppedStatus);
  }

  async #start(): Promise<void> {
    this.#stopping = new AbortController();
    this.#board.set({ ...stoppedStatus, state: 'starting', message: 'The LiveKit server is starting.' });
    try {
      await this.#firstStart();
    } catch (error) {
      const reason = asFieldroomError(error);
      if (!this.#stopping.signal.aborted) this.#board.failed(reason);
      throw reason;
    }
    this.#watching = this.#watch();
  }

  async #firstStart(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#startOnce(0);
        return;
      } catch (error) {
        const busy =
          error instanceof FieldroomError && error.code === 'livekit.port-busy' && this.#options.ports === undefined;
        if (!busy || tries === startTries || this.#stopping.signal.aborted) throw error;
        this.#portsAreGone = true;
      }
    }
  }

  /** Starts one process and waits until it is healthy: `GET /`, our keys, the rooms. */
  async #startOnce(restarts: number): Promise<void> {
    const { serverPath } = this.#options;
    await checkServerFile(serverPath);
    if (this.#ports === undefined || this.#portsAreGone)
      this.#ports = this.#options.ports ?? (await freeLivekitPorts(this.#lan !== false));
    this.#portsAreGone = false;
    this.#stopping.signal.throwIfAborted();
    this.#purpose = undefined;
    const config = livekitConfigText({ ports: this.#ports, keys: this.#keys, lan: this.#lan });
    const life = new LivekitProcess({
      serverPath,
      config,
      redact: (line) => withoutSecrets(line, this.#keys),
      onLine: (line) => this.#serverLog.write(line),
    });
    this.#process = life;
    await untilReady(life, () => this.#isReady());
    const { url } = this.access();
    this.#board.set({
      ...stoppedStatus,
      state: 'running',
      message: 'The LiveKit server is running.',
      url,
      ports: this.#ports,
      pid: life.pid ?? null,
      restarts,
    });
  }

  /** Healthy, and ours: another program on the port would not know the keys. */
  async #isReady(): Promise<boolean> {
    if ((await livekitHealth(this.access().url)) !== 'ready') return false;
    try {
      await (this.#rooms.size > 0
        ? Promise.all([...this.#rooms.values()].map((room) => room.create()))
        : (await this.#roomNamed('ready')).exists());
      return true;
    } catch {
      return false;
    }
  }

  async #watch(): Promise<void> {
    const stopping = this.#stopping.signal;
    let failures = 0;
    while (!stopping.aborted) {
      const beginMs = performance.now();
      if (this.#process === undefined) throw new Error('nothing to watch');
      const trouble = await untilTrouble(this.#process, () => livekitHealth(this.access().url));
      if (stopping.aborted) return;
      if (performance.now() - beginMs > stableMs) failures = 0;
      this.#board.restarting(trouble, this.#purpose);
      this.#purpose = undefined;
      for (let back = false; !back; ) {
        await pause(backoffMs[Math.min(failures, backoffMs.length - 1)] ?? 0, stopping);
        if (stopping.aborted) return;
        failures += 1;
        try {
          await this.#startOnce(this.#board.status.restarts + 1);
          back = true;
        } catch (error) {
          if (stopping.aborted) return;
          const reason = asFieldroomError(error);
          if (isPermanent(reason)) {
            this.#watching = undefined;
            this.#purpose = undefined;
            return this.#board.failed(reason);
          }
          if (reason.code === 'livekit.port-busy' && failures >= samePortTries) this.#portsAreGone = true;
          this.#board.restarting(reason, undefined);
        }
      }
    }
  }
}
