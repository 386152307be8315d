/**
 * Measures one stream over the last seconds: the share of captured data that is kept, its rate, and the age of the
 * latest.
 */
import { type HealthFinding, healthFinding } from '../../common/health.ts';
import type { Stream } from '../../common/stream.ts';

/** Losses and rates are measured over this window; older problems are no longer shown. */
export const WINDOW_MS = 10_000;
/** Points closer together than this are skipped. */
const STEP_MS = 400;
/** Too few frames for a meaningful percentage. */
const LEAST_COUNT = 15;
/** A rate needs at least this long: frames arrive in bursts when a device has just been opened. */
const RATE_AFTER_MS = 5000;
/** Above this share of lost frames: error; below it: warning. */
const LOSING_SHARE = 0.01;
/** Cameras halve their rate in dim light, which is a warning. A rate below this is an error. */
const LOSING_RATE = 0.45;
const LOOK_RATE = 0.85;
/** Media without data for this long is an error during a recording. */
export const LATE_MS = 3000;
const SENSOR_LATE_MS = 5000;
/** An encoder that keeps up has fewer queued frames than this. */
const QUEUE_LOOK = 5;

interface Point {
  atMs: number;
  kept: number;
  lost: number;
  /** The number of lost frames that could not be encoded in time. */
  slow: number;
}

/** A publisher's frame counts since its device was opened. */
export interface CaptureFigures {
  /** Frames received from the device. */
  read: number;
  dropped: number;
  slow: number;
  queue: number;
}

interface Share {
  lost: number;
  kept: number;
  slow: number;
  spanMs: number;
}

/** Counter readings within the window; a counter that decreased starts a new series. */
class Series {
  #points: Point[] = [];

  add(point: Point): void {
    const last = this.#points.at(-1);
    if (last && (point.kept < last.kept || point.lost < last.lost)) this.#points = [];
    if (last && point.atMs - last.atMs < STEP_MS) return;
    this.#points.push(point);
    while (this.#points.length > 2 && point.atMs - (this.#points[1] as Point).atMs >= WINDOW_MS) this.#points.shift();
  }

  clear(): void {
    this.#points = [];
  }

  get share(): Share {
    const first = this.#points[0];
    const last = this.#points.at(-1);
    if (!first || !last) return { lost: 0, kept: 0, slow: 0, spanMs: 0 };
    return {
      lost: last.lost - first.lost,
      kept: last.kept - first.kept,
      slow: last.slow - first.slow,
      spanMs: last.atMs - first.atMs,
    };
  }
}

export class StreamMonitor {
  /** The publisher's latest declaration. */
  stream: Stream;
  /** Safe on disk, in this session. */
  readonly #safe = new Series();
  /** Frames that its publisher read and dropped, also outside sessions. */
  readonly #captured = new Series();
  #queue = 0;
  #lastMs: number | null = null;

  constructor(stream: Stream) {
    this.stream = stream;
  }

  arrived(nowMs: number): void {
    this.#lastMs = nowMs;
  }

  captured({ read, dropped, slow, queue }: CaptureFigures, nowMs: number): void {
    this.#queue = queue;
    this.#captured.add({ atMs: nowMs, kept: read, lost: dropped, slow });
  }

  safe(count: number, missing: number, nowMs: number): void {
    this.#safe.add({ atMs: nowMs, kept: count, lost: missing, slow: 0 });
  }

  newSession(): void {
    this.#lastMs = null;
    this.clear();
  }

  /** It is paused or its device is disconnected: earlier readings no longer apply. */
  clear(): void {
    this.#safe.clear();
    this.#captured.clear();
    this.#queue = 0;
  }

  /** Packets or samples a second that become safe. */
  get safeHz(): number {
    const { kept, spanMs } = this.#safe.share;
    return spanMs > 200 ? (kept * 1000) / spanMs : 0;
  }

  /** @param activeSinceMs since when it has been recorded; earlier data is not part of the recording */
  ageMs(nowMs: number, activeSinceMs: number): number {
    return nowMs - Math.max(this.#lastMs ?? activeSinceMs, activeSinceMs);
  }

  /** @param activeSinceMs null: nothing is recorded now */
  findings(nowMs: number, activeSinceMs: number | null): HealthFinding[] {
    const late = activeSinceMs === null ? null : this.#late(this.ageMs(nowMs, activeSinceMs));
    if (late) return [late];
    const lost = this.#lost();
    if (lost) return [lost];
    const slow = this.#rate(activeSinceMs !== null);
    return slow ? [slow] : [];
  }

  #late(ageMs: number): HealthFinding | null {
    const { kind, id, nominalRateHz } = this.stream;
    // A button is normally idle: only a stream with a declared rate can be late.
    if (kind === 'samples' && nominalRateHz === undefined) return null;
    const limitMs = kind === 'samples' ? Math.max(SENSOR_LATE_MS, 5000 / (nominalRateHz ?? 1)) : LATE_MS;
    return ageMs <= limitMs ? null : healthFinding('losing', 'late', { stream: id, spanMs: ageMs });
  }

  #lost(): HealthFinding | null {
    const share = [this.#safe.share, this.#captured.share].reduce((a, b) => (b.lost > a.lost ? b : a));
    const behind = this.#queue >= QUEUE_LOOK;
    const all = share.kept + share.lost;
    const { id } = this.stream;
    if (share.lost === 0 || all < LEAST_COUNT) return behind ? healthFinding('look', 'too-slow', { stream: id }) : null;
    const lostShare = share.lost / all;
    const tooSlow = behind || this.#captured.share.slow > this.#captured.share.lost / 2;
    return healthFinding(lostShare >= LOSING_SHARE ? 'losing' : 'look', tooSlow ? 'too-slow' : 'frames-lost', {
      stream: id,
      lost: share.lost,
      lostShare,
      spanMs: share.spanMs,
    });
  }

  /** Only for cameras: sensors may vary their rate. */
  #rate(recording: boolean): HealthFinding | null {
    const { kind, nominalRateHz, id } = this.stream;
    if (kind !== 'video' || nominalRateHz === undefined) return null;
    const { kept, spanMs } = recording ? this.#safe.share : this.#captured.share;
    if (spanMs < RATE_AFTER_MS) return null;
    const rateHz = (kept * 1000) / spanMs;
    if (rateHz >= nominalRateHz * LOOK_RATE) return null;
    const level = rateHz < nominalRateHz * LOSING_RATE ? 'losing' : 'look';
    return healthFinding(level, 'rate-low', { stream: id, spanMs, rateHz, wantedHz: nominalRateHz });
  }
}
