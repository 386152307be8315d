/**
 * The raw data of one strap, in two streams:
 *
 *   ID      one row a packet: heart_rate, contact, energy
 *   ID-rr   one row an RR interval, oldest first; all of one packet have that packet's arrival time
 *
 * A packet has no time of its own: `publisherNs` is the arrival at the page. A joiner of both streams uses that time,
 * which is the same number in both.
 */
import type { SensorSource } from '../../../electron/common/kit.ts';
import type { HeartRateMeasurement } from '../../../electron/common/protocols/heartRateMeasurement.ts';
import type { PublishedStream } from '../../../electron/common/publisher/publishedStream.ts';
import type { SampleStream, Stream } from '../../../electron/common/stream.ts';
import { OpenGap } from '../openGap.ts';

const PACKET_CHANNELS: SampleStream['channels'] = [
  { name: 'heart_rate', unit: 'bpm', type: 'integer', label: 'Heart rate as the strap computes it' },
  { name: 'contact', unit: '', type: 'boolean', label: 'Skin contact; empty where the strap does not tell' },
  { name: 'energy', unit: 'kJ', type: 'integer', label: 'Energy spent since the last reset; empty where not told' },
];
const RR_CHANNELS: SampleStream['channels'] = [
  { name: 'rr_ms', unit: 'ms', type: 'number', label: 'Time between two beats, in steps of 1/1024 s' },
];

/** Ids have at most 64 characters. */
const rrId = (source: string): string => `${source.slice(0, 61).replace(/-+$/, '')}-rr`;

interface Published {
  stream: PublishedStream;
  gap: OpenGap;
}

export class StrapStreams {
  readonly #declare: (stream: Stream) => PublishedStream;
  #packets: Published | null = null;
  #rr: Published | null = null;
  #text = '';
  /** Arrival of the last packet, or the start of this session. */
  #lastNs = 0;

  constructor(declare: (stream: Stream) => PublishedStream) {
    this.#declare = declare;
  }

  /** Announces both streams, or their changes. */
  declare(source: SensorSource, facts: Record<string, unknown>): void {
    const text = JSON.stringify([source, facts]);
    if (text === this.#text) return;
    this.#text = text;
    const common = {
      kind: 'samples' as const,
      source: source.id,
      place: source.place,
      simulated: false,
      facts: { driver: source.driver, ...facts },
      ...(source.participant === undefined ? {} : { participant: source.participant }),
    };
    const rrLabel = source.label === '' ? '' : `${source.label.slice(0, 185)}: RR intervals`;
    const packets: Stream = {
      ...common,
      id: source.id,
      label: source.label,
      nominalRateHz: 1,
      channels: PACKET_CHANNELS,
    };
    const rr: Stream = { ...common, id: rrId(source.id), label: rrLabel, channels: RR_CHANNELS };
    this.#packets = { stream: this.#declare(packets), gap: this.#packets?.gap ?? new OpenGap() };
    this.#rr = { stream: this.#declare(rr), gap: this.#rr?.gap ?? new OpenGap() };
  }

  get #both(): Published[] {
    return [this.#packets, this.#rr].filter((one) => one !== null);
  }

  packet(packet: HeartRateMeasurement, arrivedNs: number): void {
    for (const { stream, gap } of this.#both) gap.end(stream, arrivedNs);
    this.#lastNs = arrivedNs;
    const { heartRateBpm, contact, energyKj, rrMs, oddFields } = packet;
    const row = [heartRateBpm, contact === null ? Number.NaN : Number(contact), energyKj ?? Number.NaN];
    this.#packets?.stream.samples(
      Float64Array.of(arrivedNs),
      null,
      row.map((value) => Float64Array.of(value)),
    );
    if (oddFields > 0) this.#odd(arrivedNs);
    if (rrMs.length === 0) return;
    this.#rr?.stream.samples(new Float64Array(rrMs.length).fill(arrivedNs), null, [Float64Array.from(rrMs)]);
  }

  /** A packet was truncated after its rate. */
  #odd(arrivedNs: number): void {
    for (const { stream } of this.#both)
      if (stream.live) stream.gap(arrivedNs, arrivedNs, 'bad-field', null, 'A packet ended before all of its fields.');
  }

  /** An unreadable packet: its row is missing, and the number of intervals in it is unknown. */
  refused(arrivedNs: number, bytes: number): void {
    const detail = `A packet of ${bytes} bytes is shorter than its flags demand.`;
    if (this.#packets?.stream.live) this.#packets.stream.gap(arrivedNs, arrivedNs, 'malformed', 1, detail);
    if (this.#rr?.stream.live) this.#rr.stream.gap(arrivedNs, arrivedNs, 'malformed', null, detail);
  }

  /** Nothing arrives from now on; the gap starts after the last packet. */
  interrupted(cause: 'device-lost' | 'silent', nowNs: number): void {
    for (const { stream, gap } of this.#both) gap.begin(stream, this.#lastNs || nowNs, cause);
  }

  sessionBegins(nowNs: number): void {
    this.#lastNs = nowNs;
    for (const { stream, gap } of this.#both) gap.sessionBegins(stream, nowNs);
  }
}
