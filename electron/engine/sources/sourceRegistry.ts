/**
 * What every source is doing, for people: the publishers' own words, and beside them what is really safe on disk.
 */
import type { SourceHealth } from '../../common/applianceState.ts';
import { type Health, healthFinding, healthOf } from '../../common/health.ts';
import { type PublisherMessage, type SourceState, searching } from '../../common/ingest.ts';
import { isSimulated, type Source } from '../../common/kit.ts';
import type { SampleStream, Stream } from '../../common/stream.ts';
import type { StreamCounters } from '../store/storeApi.ts';
import { ContentMonitor } from './contentMonitor.ts';
import { type CaptureFigures, StreamMonitor } from './streamMonitor.ts';

export class SourceRegistry {
  #sources: readonly Source[] = [];
  readonly #states = new Map<string, SourceState>();
  readonly #streams = new Map<string, StreamMonitor>();
  readonly #contents = new Map<string, ContentMonitor>();
  /** Since when each is being recorded without a break. */
  readonly #activeSince = new Map<string, number>();
  /** Why each does not record. */
  readonly #paused = new Map<string, string>();
  readonly #participants = new Map<string, string | null>();

  setSources(sources: readonly Source[]): void {
    this.#sources = sources;
    const known = new Set(sources.map((source) => source.id));
    for (const id of this.#states.keys()) if (!known.has(id)) this.#states.delete(id);
    for (const [id, { stream }] of this.#streams) if (!known.has(stream.source)) this.#streams.delete(id);
    for (const id of this.#contents.keys()) if (!known.has(id)) this.#contents.delete(id);
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
    else this.#streams.set(stream.id, new StreamMonitor(stream));
  }

  arrived(stream: string, nowMs: number): void {
    this.#streams.get(stream)?.arrived(nowMs);
  }

  /** What a publisher says about the frames that it reads and drops. */
  captured(stream: string, figures: CaptureFigures, nowMs: number): void {
    this.#streams.get(stream)?.captured(figures, nowMs);
  }

  /** A small picture or a level, while somebody watches. */
  saw(message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>, nowMs: number): void {
    const content = this.#contentOf(message.source);
    if (message.type === 'level') content.level(message.peak, nowMs);
    else content.picture(message.jpeg, message.brightness, nowMs);
  }

  /** @param row [seconds, ...values] of the newest sample; undefined: none came */
  sampled(stream: SampleStream, row: readonly (number | string | null)[] | undefined, nowMs: number): void {
    if (row) this.#contentOf(stream.source).sample(stream, row, nowMs);
  }

  /** Forgets the figures of the last session. */
  newSession(): void {
    this.#activeSince.clear();
    for (const monitor of this.#streams.values()) monitor.newSession();
  }

  /** @param recording the session records; paused or being ended it does not */
  health(counters: ReadonlyMap<string, StreamCounters>, nowMs: number, recording: boolean): SourceHealth[] {
    return this.#sources.map((source): SourceHealth => {
      const { source: _, ...state } = this.#states.get(source.id) ?? searching(source.id);
      const monitors = [...this.#streams.values()].filter(({ stream }) => stream.source === source.id);
      const paused = this.#paused.has(source.id);
      const since = this.#active(source.id, recording && !paused, nowMs);
      for (const monitor of monitors) {
        const { count = 0, missing = 0 } = counters.get(monitor.stream.id) ?? {};
        if (paused || state.state !== 'streaming') monitor.clear();
        if (since !== null) monitor.safe(count, missing, nowMs);
      }
      return {
        id: source.id,
        kind: source.kind,
        driver: source.driver,
        label: source.label,
        place: source.place,
        participant: this.#participants.get(source.id) ?? null,
        paused,
        simulated: isSimulated(source),
        state,
        health: this.#judge(source, state.state, monitors, nowMs, since),
        streams: monitors.map((monitor) => streamHealth(monitor, counters.get(monitor.stream.id), nowMs, since)),
      };
    });
  }

  #judge(
    { id, kind }: Source,
    state: SourceState['state'],
    monitors: readonly StreamMonitor[],
    nowMs: number,
    sinceMs: number | null,
  ): Health {
    const content = this.#contentOf(id);
    if (this.#paused.has(id) || state === 'paused' || state === 'opening') {
      content.clear();
      return healthOf([]);
    }
    if (state !== 'streaming') {
      content.clear();
      return healthOf([healthFinding(sinceMs === null ? 'look' : 'losing', 'device')]);
    }
    return healthOf([
      ...monitors.flatMap((monitor) => monitor.findings(nowMs, sinceMs)),
      ...content.findings(nowMs, kind === 'screen'),
    ]);
  }

  /** @returns since when it is recorded; null: it is not */
  #active(id: string, active: boolean, nowMs: number): number | null {
    const since = active ? (this.#activeSince.get(id) ?? nowMs) : null;
    if (since === null) this.#activeSince.delete(id);
    else if (!this.#activeSince.has(id)) {
      // What was counted before a pause is no part of what is measured after it.
      for (const monitor of this.#streams.values()) if (monitor.stream.source === id) monitor.clear();
      this.#activeSince.set(id, since);
    }
    return since;
  }

  #contentOf(source: string): ContentMonitor {
    const known = this.#contents.get(source);
    if (known) return known;
    const fresh = new ContentMonitor();
    this.#contents.set(source, fresh);
    return fresh;
  }
}

function streamHealth(
  monitor: StreamMonitor,
  counters: StreamCounters | undefined,
  nowMs: number,
  sinceMs: number | null,
): SourceHealth['streams'][number] {
  const { stream } = monitor;
  return {
    id: stream.id,
    kind: stream.kind,
    count: counters?.count ?? 0,
    bytes: counters?.bytes ?? 0,
    missing: counters?.missing ?? 0,
    duplicates: counters?.duplicates ?? 0,
    gaps: counters?.gaps ?? 0,
    rateHz: sinceMs === null ? 0 : monitor.safeHz,
    ageMs: sinceMs === null ? null : monitor.ageMs(nowMs, sinceMs),
    ...(stream.nominalRateHz === undefined ? {} : { nominalRateHz: stream.nominalRateHz }),
    ...(stream.kind === 'samples'
      ? { channels: stream.channels.map(({ name, unit, type }) => ({ name, unit, type })) }
      : {}),
  };
}
