/**
 * One heart strap: turns its pages, sent about four times a second whether or not the heart beat, into one sample per
 * beat. Pure: arrival times are passed in.
 */
import { NS_PER_S } from '../../../electron/common/units.ts';
import { decodeHeartRate, type HeartRatePage } from './protocol.ts';

/** Longer than six messages of the strap: it was not received, so the loss is attributed to the radio. */
export const DROPOUT_NS = 1.5 * NS_PER_S;
/** Beats in a shorter silence can be counted: 256 beats last longer than this at any heart rate below 255. */
const COUNTABLE_NS = 60 * NS_PER_S;
const TICKS_PER_S = 1024;
const WRAP_TICKS = 65_536;
/** A beat cannot be reported before it happened: a greater lead than this means that the strap's counters restarted. */
const LEAD_TICKS = 2 * TICKS_PER_S;
/** 300 beats a minute. More beats than that in the elapsed time mean that the counters restarted. */
const SHORTEST_RR_TICKS = 0.2 * TICKS_PER_S;

/** A transmitter that reports no beats is recorded at least this often. */
const RATE_EVERY_NS = NS_PER_S;

export interface Beat {
  type: 'beat';
  heartRateBpm: number;
  /** NaN unless there was exactly one beat between this message and the one before. */
  rrMs: number;
  /** NaN if the transmitter does not count beats. */
  beatCount: number;
  /** NaN if the stick does not report it. */
  rssiDbm: number;
  /** Unwrapped beat time in 1/1024 s; NaN if the transmitter reports none. */
  deviceTime: number;
}

export interface StrapGap {
  type: 'gap';
  cause: 'missed-beats' | 'dropout' | 'strap-restarted';
  /** Beats, or null if they cannot be counted. */
  lost: number | null;
  fromNs: number;
  toNs: number;
}

/** What the background pages say about the strap itself. */
export interface StrapFacts {
  type: 'facts';
  facts: Record<string, number | string>;
}

export type StrapEvent = Beat | StrapGap | StrapFacts;

interface Last {
  eventTicks: number;
  beatCount: number;
  deviceTime: number;
  arrivedNs: number;
}

export class Strap {
  readonly deviceNumber: number;
  #last: Last | null = null;
  #heardNs = 0;
  #firstToggle: boolean | null = null;
  #paged = false;
  /** The last rate of a transmitter that reports nothing else. */
  #rate: { bpm: number; atNs: number } | null = null;
  readonly #facts: Record<string, number | string> = {};

  constructor(deviceNumber: number) {
    this.deviceNumber = deviceNumber;
  }

  /** Arrival of the last message. */
  get heardNs(): number {
    return this.#heardNs;
  }

  take(page: Uint8Array, rssiDbm: number, arrivedNs: number): StrapEvent[] {
    const message = decodeHeartRate(page);
    if (!message) return [];
    const events: StrapEvent[] = [];
    const silentFromNs = this.#heardNs;
    const wasSilent = (this.#last !== null || this.#rate !== null) && arrivedNs - silentFromNs > DROPOUT_NS;
    const countable = !wasSilent || arrivedNs - silentFromNs < COUNTABLE_NS;
    this.#heardNs = arrivedNs;
    this.#background(page, message, events);
    if (this.#isRateOnly(message)) {
      this.#rateOnly(message, rssiDbm, arrivedNs, wasSilent ? silentFromNs : null, events);
      return events;
    }
    const last = this.#last;
    const gap = (cause: StrapGap['cause'], lost: number | null, fromNs: number): void => {
      events.push({ type: 'gap', cause, lost, fromNs, toNs: arrivedNs });
    };
    // The same beat is sent repeatedly; its count identifies it.
    if (last && message.beatCount === last.beatCount && message.eventTicks === last.eventTicks) {
      if (wasSilent) gap('dropout', countable ? 0 : null, silentFromNs);
      return events;
    }
    let rrMs = Number.NaN;
    let deviceTime = message.eventTicks;
    if (last) {
      const beats = (message.beatCount - last.beatCount + 256) % 256;
      const ticks = ticksSince(last, message.eventTicks, arrivedNs);
      const lead = ticks - ((arrivedNs - last.arrivedNs) / NS_PER_S) * TICKS_PER_S;
      if (lead > LEAD_TICKS || (countable && (beats === 0 || ticks < beats * SHORTEST_RR_TICKS))) {
        gap('strap-restarted', null, last.arrivedNs);
      } else {
        deviceTime = last.deviceTime + ticks;
        if (countable && beats === 1) rrMs = (ticks * 1000) / TICKS_PER_S;
        if (wasSilent) gap('dropout', countable ? beats - 1 : null, silentFromNs);
        else if (beats >= 2) gap('missed-beats', beats - 1, last.arrivedNs);
      }
    }
    this.#last = { eventTicks: message.eventTicks, beatCount: message.beatCount, deviceTime, arrivedNs };
    const { heartRateBpm, beatCount } = message;
    events.push({ type: 'beat', heartRateBpm, rrMs, beatCount, rssiDbm, deviceTime });
    return events;
  }

  /** Some transmitters compute a rate but leave the time and count of beats at 0: these never changed. */
  #isRateOnly({ eventTicks, beatCount, heartRateBpm }: HeartRatePage): boolean {
    return this.#last === null && eventTicks === 0 && beatCount === 0 && !Number.isNaN(heartRateBpm);
  }

  /** The rate is recorded when it changes, and once a second otherwise. */
  #rateOnly(
    { heartRateBpm }: HeartRatePage,
    rssiDbm: number,
    arrivedNs: number,
    silentFromNs: number | null,
    events: StrapEvent[],
  ): void {
    if (silentFromNs !== null)
      events.push({ type: 'gap', cause: 'dropout', lost: null, fromNs: silentFromNs, toNs: arrivedNs });
    const last = this.#rate;
    if (last && last.bpm === heartRateBpm && arrivedNs - last.atNs < RATE_EVERY_NS) return;
    this.#rate = { bpm: heartRateBpm, atNs: arrivedNs };
    events.push({
      type: 'beat',
      heartRateBpm,
      rrMs: Number.NaN,
      beatCount: Number.NaN,
      rssiDbm,
      deviceTime: Number.NaN,
    });
  }

  /**
   * Bytes 1 to 3 of the background pages (section 2a). Legacy straps have no pages and never toggle bit 7, so nothing
   * is used until the bit has been seen to change.
   */
  #background(page: Uint8Array, message: HeartRatePage, events: StrapEvent[]): void {
    this.#firstToggle ??= message.toggle;
    if (message.toggle !== this.#firstToggle) this.#paged = true;
    if (!this.#paged) return;
    const [, b1, b2, b3] = page as unknown as [number, number, number, number];
    let found: Record<string, number | string> = {};
    if (message.page === 2) found = { manufacturer: b1, strapSerial: (b2 | (b3 << 8)) * 65_536 + this.deviceNumber };
    else if (message.page === 3) found = { hardware: b1, software: b2, model: b3 };
    else if (message.page === 7) found = batteryFacts(b1, b3);
    const news = Object.entries(found).filter(([name, value]) => this.#facts[name] !== value);
    if (news.length === 0) return;
    Object.assign(this.#facts, found);
    events.push({ type: 'facts', facts: { ...this.#facts } });
  }
}

const BATTERY_STATES: Record<number, string> = { 1: 'new', 2: 'good', 3: 'ok', 4: 'low', 5: 'critical' };

/**
 * The voltage changes with every reading and would redeclare the stream each time, so only level and state are kept.
 */
function batteryFacts(percent: number, b3: number): Record<string, number | string> {
  const state = BATTERY_STATES[(b3 >> 4) & 0x07];
  return { ...(percent <= 100 ? { batteryPercent: percent } : {}), ...(state === undefined ? {} : { battery: state }) };
}

/** The 16-bit clock wraps every 64 s. After a longer silence, the arrival time shows how often it wrapped. */
function ticksSince(last: Last, eventTicks: number, arrivedNs: number): number {
  const ticks = (eventTicks - last.eventTicks + WRAP_TICKS) % WRAP_TICKS;
  const elapsedTicks = ((arrivedNs - last.arrivedNs) / NS_PER_S) * TICKS_PER_S;
  if (elapsedTicks < WRAP_TICKS * 0.75) return ticks;
  return ticks + Math.max(0, Math.round((elapsedTicks - ticks) / WRAP_TICKS)) * WRAP_TICKS;
}
