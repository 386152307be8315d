/**
 * Gaps of one stream. The first gap of a cause is reported immediately; those within the following second are merged
 * into one, so that a noisy cable neither floods the session nor goes unnoticed. A gap reported again from the same
 * start replaces the previous one, so it contains everything lost since that start.
 */
import type { SampleOut } from './publisherPort.ts';

const TOGETHER_NS = 1_000_000_000;

interface Pending {
  fromNs: number;
  toNs: number;
  lost: number | null;
  events: number;
  detail: string;
  sinceNs: number;
}

export class GapTracker {
  readonly #out: () => SampleOut;
  readonly #told = new Map<string, { atNs: number; fromNs: number; toNs: number; lost: number | null }>();
  readonly #pending = new Map<string, Pending>();
  /** An ongoing gap: the device is gone or silent. */
  #open: { fromNs: number; cause: string; detail: string } | null = null;

  constructor(out: () => SampleOut) {
    this.#out = out;
  }

  get open(): string | null {
    return this.#open?.cause ?? null;
  }

  /** A loss that is over. */
  note(cause: string, lost: number | null, detail: string, fromNs: number, toNs: number, nowNs: number): void {
    const pending = this.#pending.get(cause);
    if (pending) {
      pending.fromNs = Math.min(pending.fromNs, fromNs);
      pending.toNs = Math.max(pending.toNs, toNs);
      pending.lost = sum(pending.lost, lost);
      pending.events += 1;
      return;
    }
    const told = this.#told.get(cause);
    if (told !== undefined && nowNs - told.atNs < TOGETHER_NS)
      this.#pending.set(cause, { fromNs, toNs, lost, events: 1, detail, sinceNs: nowNs });
    else this.#tell(cause, lost, detail, fromNs, toNs, nowNs);
  }

  /** Nothing arrives from now on; reported immediately, ended by `close`. */
  begin(cause: string, fromNs: number, detail: string): void {
    if (this.#open) return;
    this.#open = { fromNs, cause, detail };
    this.#out().gap(fromNs, null, cause, null, detail);
  }

  /** Data arrives again. */
  close(toNs: number): void {
    const open = this.#open;
    if (!open) return;
    this.#open = null;
    this.#out().gap(open.fromNs, Math.max(toNs, open.fromNs), open.cause, null, open.detail);
  }

  /** A session begins or resumes during the gap: it must be informed, from its own start. */
  restate(fromNs: number): void {
    if (!this.#open) return;
    this.#open.fromNs = fromNs;
    this.#out().gap(fromNs, null, this.#open.cause, null, this.#open.detail);
  }

  /** Reports merged gaps; `all`: also those less than a second old. */
  flush(nowNs: number, all = false): void {
    for (const [cause, pending] of this.#pending) {
      if (!all && nowNs - pending.sinceNs < TOGETHER_NS) continue;
      this.#pending.delete(cause);
      const detail = pending.events > 1 ? `${pending.events} times within a second; ${pending.detail}` : pending.detail;
      this.#tell(cause, pending.lost, detail, pending.fromNs, pending.toNs, nowNs);
    }
  }

  #tell(cause: string, lost: number | null, detail: string, fromNs: number, toNs: number, nowNs: number): void {
    const before = this.#told.get(cause);
    const start = Math.min(fromNs, toNs);
    const isSame = before?.fromNs === start;
    const all = { atNs: nowNs, fromNs: start, toNs, lost };
    if (before && isSame) {
      all.lost = sum(before.lost, lost);
      all.toNs = Math.max(before.toNs, toNs);
    }
    this.#told.set(cause, all);
    this.#out().gap(start, all.toNs, cause.slice(0, 80), all.lost, detail.slice(0, 500));
  }
}

/** Null: unknown. */
const sum = (a: number | null, b: number | null): number | null =>
  a === null && b === null ? null : (a ?? 0) + (b ?? 0);
