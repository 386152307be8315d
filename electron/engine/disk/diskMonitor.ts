/**
 * Monitors the disk of the data folder: the time left, whether it is still connected and accepts writes, and what stops
 * when it runs full (`diskPlan.ts`). Nothing here waits for the disk on the engine's main thread.
 */
import type { ApplianceState } from '../../common/applianceState.ts';
import { type FieldroomError, fieldroomError } from '../../common/errors.ts';
import { kitBytesPerSecond } from '../../common/kitRate.ts';
import { formatDuration } from '../../common/units.ts';
import type { Log } from '../log/engineLog.ts';
import type { Recorder } from '../session/recorder.ts';
import { minutesLeft, RESERVE_BYTES, STAGES, type Stage, stageOf, stoppedKinds } from './diskPlan.ts';
import { diskNotices, type EndedByDisk, goneError, type Notice } from './diskWords.ts';
import { Reserve } from './reserve.ts';
import { folderBytes, measureSpace, type Space } from './space.ts';
import { WriteRate } from './writeRate.ts';

export interface DiskOptions {
  /** See `diskPlan.ts`; default 64 MiB. */
  reserveBytes?: number;
  /** Queries the file system; tests supply the answers of a small disk. */
  measure?: (dataFolder: string) => Promise<Space>;
}

export interface DiskMonitorOptions extends DiskOptions {
  dataFolder: string;
  recorder: Recorder;
  log: Log;
  onChange: () => void;
}

/** Cause of gaps in sources that stopped because the disk was nearly full. */
const CAUSE = 'disk-full';
const LOOK_EVERY_MS = 1000;
const WEIGH_EVERY_MS = 2000;
/** A commit takes milliseconds, on a slow disk a quarter of a second. */
const STALLED_MS = 2000;
/** A file system that has not answered for this long hangs. */
const HANGS_MS = 5000;

export class DiskMonitor {
  readonly #options: DiskMonitorOptions;
  readonly #reserveBytes: number;
  readonly #reserve: Reserve;
  readonly #rate = new WriteRate();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #lookedAtMs = performance.now();
  #weighedAtMs = Number.NEGATIVE_INFINITY;
  #space: Space | null = null;
  #gone: FieldroomError | null = null;
  #stage: Stage = 0;
  #ended: EndedByDisk | null = null;
  /** Longest time without a successful write, while writes fail. */
  #stalledMs = 0;
  /** What this monitor stopped; sources that a person paused are left alone. */
  readonly #stopped = new Set<string>();

  constructor(options: DiskMonitorOptions) {
    this.#options = options;
    this.#reserveBytes = options.reserveBytes ?? RESERVE_BYTES;
    this.#reserve = new Reserve(options.dataFolder, this.#reserveBytes / 2);
  }

  /** Checks now and then every second. */
  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#reserve.settle();
  }

  get state(): ApplianceState['disk'] {
    const free = this.#space?.freeBytes ?? null;
    const { session, kit } = this.#options.recorder;
    const rate = (session && this.#rate.bytesPerSecond) ?? (kit ? kitBytesPerSecond(kit.kit) : 0);
    return {
      freeBytes: free,
      bytesPerSecond: session ? rate : 0,
      minutesLeft: free !== null && rate > 0 ? minutesLeft(this.#leftOf(free), this.#reserveBytes, rate) : null,
    };
  }

  get notices(): Notice[] {
    const { session } = this.#options.recorder;
    return diskNotices({
      recording: session !== null,
      minutesLeft: this.state.minutesLeft,
      stage: this.#stage,
      gone: this.#gone,
      ended: session ? null : this.#ended,
      stalledMs: this.#stalledMs,
      unsafeBytes: session?.unsafeBytes ?? 0,
    });
  }

  /** Before a session begins. @throws FieldroomError `data.full`, `data.gone`, `data.not-writable`, `data.hangs` */
  async mayRecord(): Promise<void> {
    // A check in progress may have queried before the last byte was written.
    const looked = (this.#looking ?? Promise.resolve()).then(() => this.#look());
    await Promise.race([looked, new Promise((done) => setTimeout(done, STALLED_MS))]);
    if (this.#gone) throw this.#gone;
    const free = this.#space?.freeBytes ?? null;
    if (free !== null && stageOf(this.#leftOf(free), this.#reserveBytes, 0) === 3)
      throw fieldroomError('data.full:recording', {}, { data: { freeBytes: free } });
    this.#ended = null;
  }

  #leftOf(freeBytes: number): number {
    return freeBytes + this.#reserve.heldBytes;
  }

  #tick(): void {
    void this.#look();
    const hangsMs = performance.now() - this.#lookedAtMs;
    if (this.#looking && hangsMs > HANGS_MS) this.#setGone(goneError(this.#options.dataFolder, null, hangsMs));
    this.#watchStall();
  }

  #look(): Promise<void> {
    this.#looking ??= this.#measure()
      .catch((error: unknown) => this.#options.log('error', 'disk.watch', String(error)))
      .finally(() => {
        this.#looking = null;
        this.#lookedAtMs = performance.now();
      });
    return this.#looking;
  }

  async #measure(): Promise<void> {
    const { dataFolder, recorder, measure = measureSpace } = this.#options;
    try {
      this.#space = await measure(dataFolder);
      this.#setGone(null);
    } catch (cause) {
      this.#setGone(goneError(dataFolder, cause as NodeJS.ErrnoException, 0));
      return;
    }
    const { session } = recorder;
    const nowMs = performance.now();
    if (session && nowMs - this.#weighedAtMs > WEIGH_EVERY_MS) {
      this.#weighedAtMs = nowMs;
      this.#rate.add(session.meta.id, nowMs, await folderBytes(session.folder));
    }
    await this.#act();
  }

  #setGone(error: FieldroomError | null): void {
    if (error?.code === this.#gone?.code) return;
    this.#gone = error;
    const { log, onChange, recorder } = this.#options;
    if (error) log('error', error.code, error.message);
    else log('info', 'data.back', 'The data folder is available again.');
    // Files that were open on an unplugged drive stay unusable after it is reconnected.
    if (!error && recorder.trouble) recorder.session?.restartStore();
    recorder.session?.event(error ? 'error' : 'info', 'engine', error?.code ?? 'data.back', error?.message ?? '');
    onChange();
  }

  async #act(): Promise<void> {
    const free = this.#space?.freeBytes ?? null;
    if (free === null) return;
    const refused = this.#options.recorder.trouble?.code === 'store.disk-full';
    const before = this.#stage;
    this.#stage = stageOf(this.#leftOf(free), this.#reserveBytes, before);
    if (this.#stage === 3 || refused) this.#reserve.release();
    else if (this.#stage === 0) this.#reserve.make();
    if (this.#stage !== before) this.#tellStage();
    this.#setStopped();
    if (this.#stage === 3) await this.#endSession();
  }

  #tellStage(): void {
    const { log, recorder, onChange } = this.#options;
    const words = `The disk of the data folder: ${STAGES[this.#stage]}.`;
    const level = this.#stage === 0 ? 'info' : 'error';
    log(level, 'disk.stage', words);
    recorder.session?.event(level, 'engine', 'disk.stage', words);
    onChange();
  }

  #setStopped(): void {
    const { recorder } = this.#options;
    const kinds = recorder.session ? stoppedKinds(this.#stage) : [];
    const wanted = new Set(
      (recorder.kit?.kit.sources ?? []).filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id),
    );
    for (const id of this.#stopped) {
      if (wanted.has(id)) continue;
      this.#stopped.delete(id);
      recorder.pauseSource(id, false, CAUSE);
    }
    for (const id of wanted) {
      if (this.#stopped.has(id)) continue;
      this.#stopped.add(id);
      recorder.pauseSource(id, true, CAUSE);
    }
  }

  /** Repeated at each check while even the session's final rows cannot be written. */
  async #endSession(): Promise<void> {
    const { recorder, log } = this.#options;
    const { session } = recorder;
    if (!session || (session.state !== 'recording' && session.state !== 'paused')) return;
    try {
      const at = formatDuration(session.sessionNow());
      await recorder.stop();
      this.#ended = { id: session.meta.id, at };
      log('error', 'disk.session-ended', `The disk is full: the session ${session.meta.id} was stopped at ${at}.`);
    } catch (error) {
      log('error', 'disk.session-ended', `The disk is full, and the session could not be stopped: ${String(error)}`);
    }
  }

  #watchStall(): void {
    const { recorder, log, onChange } = this.#options;
    // Write errors are reported separately.
    const stalledMs = recorder.trouble ? 0 : (recorder.session?.stalledMs ?? 0);
    if (stalledMs >= STALLED_MS) {
      if (this.#stalledMs === 0) log('warn', 'store.stalled', 'The disk accepts no data; new data is kept in memory.');
      this.#stalledMs = stalledMs;
    } else if (this.#stalledMs > 0) {
      const words = `The disk took nothing for ${(this.#stalledMs / 1000).toFixed(0)} s; what came meanwhile was kept in memory.`;
      log('warn', 'store.stalled', words);
      recorder.session?.event('warn', 'engine', 'store.stalled', words);
      this.#stalledMs = 0;
    } else return;
    onChange();
  }
}
