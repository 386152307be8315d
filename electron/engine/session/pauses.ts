/**
 * What is paused, since when and why. Data captured in a pause is refused at the ingest, whatever its publisher sends.
 * A person's pause is on disk before it is confirmed, so that it still applies after a crash.
 */
import { fieldroomError } from '../../common/errors.ts';
import { forgetPauses, keepPauses, keptPauses } from '../dataFolder.ts';

/** The cause of a pause requested by a person. */
export const BY_PERSON = 'paused';
/** A publisher receives a pause some milliseconds later; data captured until then is accepted. */
const GRACE_NS = 50_000_000n;
/** Key of the pause of the whole session. */
const SESSION = '';

interface Interval {
  fromNs: bigint;
  toNs: bigint | null;
}

export class Pauses {
  readonly #dataFolder: string;
  readonly #clock: { now(): bigint; readonly epoch: string };
  /** Why each source is paused now; several causes can apply at once. */
  readonly #causes = new Map<string, Set<string>>();
  /** Engine times in which nothing is recorded of a source. */
  readonly #intervals = new Map<string, Interval[]>();

  constructor(dataFolder: string, clock: { now(): bigint; readonly epoch: string }) {
    this.#dataFolder = dataFolder;
    this.#clock = clock;
  }

  has(source: string): boolean {
    return this.#causes.has(source);
  }

  /** Why a source is paused: a person's pause first; null: it is not. */
  causeOf(source: string): string | null {
    const causes = this.#causes.get(source);
    if (!causes) return null;
    return causes.has(BY_PERSON) ? BY_PERSON : ([...causes][0] ?? null);
  }

  /** A pause of one cause begins or ends; the source runs again when none is left. */
  set(source: string, paused: boolean, cause: string): void {
    const causes = this.#causes.get(source) ?? new Set();
    if (paused) causes.add(cause);
    else causes.delete(cause);
    if (causes.size > 0) this.#causes.set(source, causes);
    else this.#causes.delete(source);
    this.#mark(source, causes.size > 0);
  }

  setSession(paused: boolean): void {
    this.#mark(SESSION, paused);
  }

  /** @returns whether anything of the source may fall into a pause */
  touches(source: string): boolean {
    return this.#intervals.has(source) || this.#intervals.has(SESSION);
  }

  /**
   * The end of the interval, starting at `atNs`, whose data may be recorded.
   * @returns null when it was captured in a pause; `Infinity` when no pause follows
   */
  openUntil(source: string, atNs: bigint): bigint | typeof Infinity | null {
    let until: bigint | typeof Infinity = Infinity;
    for (const { fromNs, toNs } of [...(this.#intervals.get(source) ?? []), ...(this.#intervals.get(SESSION) ?? [])]) {
      if (atNs >= fromNs && (toNs === null || atNs < toNs)) return null;
      if (fromNs > atNs && fromNs < until) until = fromNs;
    }
    return until;
  }

  /** Pauses that ended belong to the session before. */
  newSession(): void {
    this.#intervals.delete(SESSION);
    for (const source of this.#intervals.keys()) {
      const open = (this.#intervals.get(source) ?? []).filter(({ toNs }) => toNs === null);
      if (open.length > 0) this.#intervals.set(source, open);
      else this.#intervals.delete(source);
    }
  }

  /** A new kit: pauses of sources that it does not contain end. @returns the ids of those */
  retain(has: (source: string) => boolean): string[] {
    const gone = [...this.#causes.keys()].filter((source) => !has(source));
    for (const source of gone) {
      this.#causes.delete(source);
      this.#intervals.delete(source);
    }
    return gone;
  }

  /**
   * Stores the sources that a person paused. @throws FieldroomError `pause.not-kept`; the pause itself stays in effect
   * while this engine runs
   */
  keep(): void {
    const byPerson = [...this.#causes].filter(([, causes]) => causes.has(BY_PERSON)).map(([source]) => source);
    const sources = Object.fromEntries(byPerson.map((source) => [source, String(this.#sinceOf(source))]));
    try {
      keepPauses(this.#dataFolder, { clockEpoch: this.#clock.epoch, sources });
    } catch (cause) {
      throw fieldroomError('pause.not-kept', {}, { cause });
    }
  }

  /** Restores what a crashed engine stored. @returns the sources that are paused */
  restore(): string[] {
    const kept = keptPauses(this.#dataFolder);
    if (!kept) return [];
    const sameClock = kept.clockEpoch === this.#clock.epoch;
    for (const [source, sinceNs] of Object.entries(kept.sources)) {
      this.#causes.set(source, new Set([BY_PERSON]));
      this.#intervals.set(source, [{ fromNs: sameClock ? BigInt(sinceNs) : 0n, toNs: null }]);
    }
    return Object.keys(kept.sources);
  }

  /** Normal shutdown: the next run starts with nothing paused. */
  forget(): void {
    forgetPauses(this.#dataFolder);
  }

  #sinceOf(source: string): bigint {
    return this.#intervals.get(source)?.findLast(({ toNs }) => toNs === null)?.fromNs ?? this.#clock.now();
  }

  #mark(key: string, paused: boolean): void {
    const intervals = this.#intervals.get(key) ?? [];
    const open = intervals.find(({ toNs }) => toNs === null);
    const nowNs = this.#clock.now();
    if (paused && !open) this.#intervals.set(key, [...intervals, { fromNs: nowNs + GRACE_NS, toNs: null }]);
    if (!paused && open) open.toNs = nowNs;
  }
}
