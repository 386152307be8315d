/**
 * Checks the content of a working source: a camera with its cap on delivers perfect frames, a microphone that is
 * switched off perfect silence, and a strap without skin contact perfect packets.
 */
import { type HealthFinding, healthFinding } from '../../common/health.ts';
import type { SampleStream } from '../../common/stream.ts';

/** Long enough for a breath between two words, and for the noise of a camera to show. */
export const CONTENT_MS = 5000;
/** Mean brightness, of 255, below which nothing can be seen; a dark room with a lamp on is brighter. */
const BLACK_BELOW = 8;
/** A peak below this is less than a microphone's own noise: -66 dB of full scale. */
const SILENT_BELOW = 0.0005;

/** Possible values of a unit in a classroom; outside this range a sensor is faulty or not worn. */
const RANGES: Readonly<Record<string, readonly [low: number, high: number]>> = {
  bpm: [25, 240],
  '%': [0, 100],
  '°C': [-40, 125],
  hPa: [300, 1100],
};

export class ContentMonitor {
  /** Since when the condition has been true; null: it is false. */
  #blackMs: number | null = null;
  #sameMs: number | null = null;
  #silentMs: number | null = null;
  #picture = '';
  #seenMs = 0;
  readonly #outside = new Map<string, { sinceMs: number; stream: string; channel: string; value: number }>();

  /** @param brightness mean of all pixels, 0 to 255; undefined: not measured */
  picture(jpeg: string, brightness: number | undefined, nowMs: number): void {
    const dark = brightness !== undefined && brightness < BLACK_BELOW;
    this.#blackMs = dark ? (this.#blackMs ?? nowMs) : null;
    // No two pictures of a real sensor are equal to the last bit.
    this.#sameMs = jpeg === this.#picture ? (this.#sameMs ?? nowMs) : null;
    this.#picture = jpeg;
    this.#seenMs = nowMs;
  }

  /** @param peak 0 to 1 */
  level(peak: number, nowMs: number): void {
    this.#silentMs = peak < SILENT_BELOW ? (this.#silentMs ?? nowMs) : null;
    this.#seenMs = nowMs;
  }

  /** @param row [seconds, ...values] of the newest sample */
  sample(stream: SampleStream, row: readonly (number | string | null)[], nowMs: number): void {
    stream.channels.forEach(({ name, unit }, i) => {
      const value = row[i + 1];
      const range = RANGES[unit];
      const key = `${stream.id} ${name}`;
      if (!range || typeof value !== 'number' || (value >= range[0] && value <= range[1])) this.#outside.delete(key);
      else
        this.#outside.set(key, {
          sinceMs: this.#outside.get(key)?.sinceMs ?? nowMs,
          stream: stream.id,
          channel: name,
          value,
        });
    });
  }

  clear(): void {
    this.#blackMs = null;
    this.#sameMs = null;
    this.#silentMs = null;
    this.#outside.clear();
  }

  /** @param still a screen may legitimately show a still picture */
  findings(nowMs: number, still: boolean): HealthFinding[] {
    const lasts = (sinceMs: number | null): boolean => sinceMs !== null && nowMs - sinceMs >= CONTENT_MS;
    const found: HealthFinding[] = [];
    // Without a viewer nothing is measured.
    const seen = nowMs - this.#seenMs < CONTENT_MS;
    if (seen && lasts(this.#blackMs)) found.push(healthFinding('look', 'black'));
    else if (seen && !still && lasts(this.#sameMs)) found.push(healthFinding('look', 'frozen'));
    if (seen && lasts(this.#silentMs)) found.push(healthFinding('look', 'silent'));
    for (const { sinceMs, ...where } of this.#outside.values())
      if (lasts(sinceMs)) found.push(healthFinding('look', 'out-of-range', where));
    return found;
  }
}
