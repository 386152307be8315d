/**
 * The displayed status of every source: what its publisher reports, and what is actually safe on disk.
 */
import type { SourceHealth } from '../../common/applianceState.ts';
import { type ErrorReport, fieldroomError } from '../../common/errors.ts';
import { type Health, healthFinding, healthOf } from '../../common/health.ts';
import { type PublisherMessage, type SourceState, searching } from '../../common/ingest.ts';
import { isSimulated, type Source } from '../../common/kit.ts';
import type { SampleStream, Stream } from '../../common/stream.ts';
import type { StreamCounters } from '../store/storeApi.ts';
import { ContentMonitor } from './contentMonitor.ts';
import { type GuestSource, GuestSources } from './guestSources.ts';
import type { PublisherIdentity } from './ownership.ts';
import { type CaptureFigures, StreamMonitor } from './streamMonitor.ts';

interface Refusal {
  source: string;
  words: Pick<SourceState, 'state' | 'code' | 'message' | 'nextStep'>;
}

export class SourceRegistry {
  #sources: readonly Source[] = [];
  readonly #guests = new GuestSources();
  readonly #states = new Map<string, SourceState>();
  readonly #streams = new Map<string, StreamMonitor>();
  /** Streams that are not recorded; their source shows why, whatever its publisher reports. */
  readonly #refusals = new Map<string, Refusal>();
  readonly #contents = new Map<string, ContentMonitor>();
  /** Since when each has been recorded without interruption. */
  readonly #activeSince = new Map<string, number>();
  /** Why each is not being recorded. */
  readonly #paused = new Map<string, string>();
  readonly #participants = new Map<string, string | null>();

  setSources(sources: readonly Source[]): void {
    this.#sources = sources;
    const known = new Set([...sources, ...this.#guests.all].map(({ id }) => id));
    for (const id of this.#states.keys()) if (!known.has(id)) this.#states.delete(id);
    for (const [id, { stream }] of this.#streams) if (!known.has(stream.source)) this.#streams.delete(id);
    for (const id of this.#contents.keys()) if (!known.has(id)) this.#contents.delete(id);
    for (const [id, { source }] of this.#refusals) if (!known.has(source)) this.#refusals.delete(id);
    for (const id of this.#participants.keys()) if (!this.#guests.find(id)) this.#participants.delete(id);
    for (const source of sources) this.#participants.set(source.id, source.participant ?? null);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  /** Of the kit, or brought by a publisher. */
  has(source: string): boolean {
    return this.#find(source) !== undefined;
  }

  placeOf(source: string): string {
    return this.#find(source)?.place ?? '';
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

  /** Current participants of the sources. */
  assignments(): { id: string; participant: string | null; place: string }[] {
    return this.#all.map(({ id, place }) => ({ id, participant: this.#participants.get(id) ?? null, place }));
  }

  assign(source: string, participant: string | null): void {
    this.#participants.set(source, participant);
  }

  /** @param publisher that delivers the source */
  report(state: SourceState, publisher: PublisherIdentity): void {
    this.#introduce(state.source, publisher);
    this.#states.set(state.source, state);
  }

  /** A publisher is gone and will be restarted: marks its sources. @param title the publisher's displayed name */
  publisherLost(served: (source: string) => boolean, title: string): void {
    const { message } = fieldroomError('publisher.lost', { title });
    for (const { id } of this.#all)
      if (served(id)) this.#states.set(id, { ...searching(id), message, code: 'publisher.lost' });
  }

  /** Stops showing sources of publishers that are gone. @param here the publishers at the door */
  forgetGuests(here: ReadonlySet<string>): void {
    this.#guests.forget(here);
    this.setSources(this.#sources);
  }

  declared(stream: Stream, publisher: PublisherIdentity): void {
    this.#introduce(stream.source, publisher, stream);
    this.#refusals.delete(stream.id);
    const before = this.#streams.get(stream.id);
    if (before) before.stream = stream;
    else this.#streams.set(stream.id, new StreamMonitor(stream));
  }

  /** A stream of the source is not recorded, with the reason. */
  refused({ id, source }: Stream, { code, message, nextStep = '' }: ErrorReport): void {
    this.#refusals.set(id, {
      source,
      words: {
        state: 'error',
        code: code.slice(0, 80),
        message: message.slice(0, 500),
        nextStep: nextStep.slice(0, 500),
      },
    });
  }

  withdrawn(stream: string): void {
    this.#streams.delete(stream);
    this.#refusals.delete(stream);
  }

  arrived(stream: string, nowMs: number): void {
    this.#streams.get(stream)?.arrived(nowMs);
  }

  /** A publisher's counts of frames read and dropped. */
  captured(stream: string, figures: CaptureFigures, nowMs: number): void {
    this.#streams.get(stream)?.captured(figures, nowMs);
  }

  /** A small picture or a level, while somebody watches. */
  saw(message: Extract<PublisherMessage, { type: 'previewFrame' | 'level' }>, nowMs: number): void {
    const content = this.#contentOf(message.source);
    if (message.type === 'level') content.level(message.peak, nowMs);
    else content.picture(message.jpeg, message.brightness, nowMs);
  }

  /** @param row [seconds, ...values] of the newest sample; undefined: none received */
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
    return this.#all.map((source): SourceHealth => {
      const { source: _, ...said } = this.#states.get(source.id) ?? searching(source.id);
      const refusal = [...this.#refusals.values()].find((one) => one.source === source.id);
      const state = refusal ? { ...said, ...refusal.words } : said;
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
        simulated: 'match' in source && isSimulated(source),
        state,
        health: this.#judge(source, state.state, monitors, nowMs, since),
        streams: monitors.map((monitor) => streamHealth(monitor, counters.get(monitor.stream.id), nowMs, since)),
      };
    });
  }

  #judge(
    { id, kind }: Pick<Source | GuestSource, 'id' | 'kind'>,
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
      // Counts from before a pause are excluded from measurements after it.
      for (const monitor of this.#streams.values()) if (monitor.stream.source === id) monitor.clear();
      this.#activeSince.set(id, since);
    }
    return since;
  }

  get #all(): (Source | GuestSource)[] {
    return [...this.#sources, ...this.#guests.all];
  }

  #find(source: string): Source | GuestSource | undefined {
    return this.#sources.find(({ id }) => id === source) ?? this.#guests.find(source);
  }

  #introduce(source: string, publisher: PublisherIdentity, stream?: Stream): void {
    if (this.#sources.some(({ id }) => id === source)) return;
    const guest = this.#guests.speaks(source, publisher, stream);
    if (guest) this.#participants.set(source, guest.participant ?? null);
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
