/**
 * What every source is doing, for people: the publishers' own words, and beside them what is really safe on disk.
 */
import type { SourceHealth } from '../../common/applianceState.ts';
import { type SourceState, searching } from '../../common/ingest.ts';
import { isSimulated, type Source } from '../../common/kit.ts';
import type { Stream } from '../../common/stream.ts';
import type { StreamCounters } from '../store/storeApi.ts';

/** Rates are taken over this long. */
const RATE_WINDOW_MS = 3000;

interface Arrivals {
  stream: Stream;
  /** Of this life of the engine, in and outside of sessions. */
  lastMs: number | null;
  history: { atMs: number; count: number }[];
}

export class SourceRegistry {
  #sources: readonly Source[] = [];
  readonly #states = new Map<string, SourceState>();
  readonly #streams = new Map<string, Arrivals>();
  /** Why each does not record. */
  readonly #paused = new Map<string, string>();
  readonly #participants = new Map<string, string | null>();

  setSources(sources: readonly Source[]): void {
    this.#sources = sources;
    const known = new Set(sources.map((source) => source.id));
    for (const id of this.#states.keys()) if (!known.has(id)) this.#states.delete(id);
    for (const [id, arrivals] of this.#streams) if (!known.has(arrivals.stream.source)) this.#streams.delete(id);
    this.#participants.clear();
    for (const source of sources) this.#participants.set(source.id, source.participant ?? null);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  get paused(): string[] {
    return [...this.#paused.keys()];
  }

  get pauseCauses(): Record<string, string> {
    return Object.fromEntries(this.#paused);
  }

  setPaused(source: string, paused: boolean, cause = 'paused'): void {
    if (paused) this.#paused.set(source, cause);
    else this.#paused.delete(source);
  }

  /** Who has what now. */
  assignments(): { id: string; participant: string | null; place: string }[] {
    return this.#sources.map(({ id, place }) => ({ id, participant: this.#participants.get(id) ?? null, place }));
  }

  assign(source: string, participant: string | null): void {
    this.#participants.set(source, participant);
  }

  report(state: SourceState): void {
    this.#states.set(state.source, state);
  }

  /** A publisher is gone: what it served is being brought back. */
  publisherLost(sources: readonly string[], publisher: string): void {
    for (const source of sources) {
      this.report({
        source,
        state: 'searching',
        message: `The ${publisher} stopped; it is being started again.`,
        nextStep: '',
        code: 'publisher.lost',
        device: '',
        candidates: [],
      });
    }
  }

  declared(stream: Stream): void {
    const before = this.#streams.get(stream.id);
    if (before) before.stream = stream;
    else this.#streams.set(stream.id, { stream, lastMs: null, history: [] });
  }

  arrived(stream: string, nowMs: number): void {
    const arrivals = this.#streams.get(stream);
    if (arrivals) arrivals.lastMs = nowMs;
  }

  /** Forgets the figures of the last session. */
  newSession(): void {
    for (const arrivals of this.#streams.values()) {
      arrivals.lastMs = null;
      arrivals.history = [];
    }
  }

  health(counters: ReadonlyMap<string, StreamCounters>, nowMs: number): SourceHealth[] {
    return this.#sources.map((source): SourceHealth => {
      const { source: _, ...state } = this.#states.get(source.id) ?? searching(source.id);
      return {
        id: source.id,
        kind: source.kind,
        driver: source.driver,
        label: source.label,
        place: source.place,
        participant: this.#participants.get(source.id) ?? null,
        paused: this.#paused.has(source.id),
        simulated: isSimulated(source),
        state,
        streams: [...this.#streams.values()]
          .filter(({ stream }) => stream.source === source.id)
          .map((arrivals) => streamHealth(arrivals, counters.get(arrivals.stream.id), nowMs)),
      };
    });
  }
}

function streamHealth(
  arrivals: Arrivals,
  counters: StreamCounters | undefined,
  nowMs: number,
): SourceHealth['streams'][number] {
  const { stream, history, lastMs } = arrivals;
  const count = counters?.count ?? 0;
  history.push({ atMs: nowMs, count });
  while (history.length > 2 && nowMs - (history[0] as { atMs: number }).atMs > RATE_WINDOW_MS) history.shift();
  const first = history[0] as { atMs: number; count: number };
  const seconds = (nowMs - first.atMs) / 1000;
  return {
    id: stream.id,
    kind: stream.kind,
    count,
    bytes: counters?.bytes ?? 0,
    missing: counters?.missing ?? 0,
    duplicates: counters?.duplicates ?? 0,
    gaps: counters?.gaps ?? 0,
    rateHz: seconds > 0.2 ? Math.max(0, (count - first.count) / seconds) : 0,
    ageMs: lastMs === null ? null : Math.max(0, nowMs - lastMs),
    ...(stream.kind === 'samples'
      ? { channels: stream.channels.map(({ name, unit, type }) => ({ name, unit, type })) }
      : {}),
  };
}
