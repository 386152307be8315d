import type { DriverContext, StreamSink, Value } from '../../driver.ts';
import {
  COVARIANCE_CHANNELS,
  POSITION_CHANNELS,
  RANGE_CHANNELS,
  REQUEST_AGE_CHANNEL,
  SENSOR_CHANNELS,
} from './channels.ts';
import { decodeCovariance, decodePosition, decodeRange, decodeSensors } from './decode.ts';
import { NO_REPLY, PozyxFailure } from './errorCodes.ts';
import type { Reply } from './exchange.ts';
import { RangeClock } from './rangeClock.ts';
import { FUNCTION, idLabel, REGISTER, SENSOR_BLOCK_BYTES, u16 } from './registers.ts';
import type { PozyxSettings } from './settings.ts';
import { configure } from './setup.ts';
import { readSplit, type Tag } from './tag.ts';

/** The data recorded in one round of a tag, and the streams it goes to. */
export class Station {
  readonly name: string;
  readonly #tag: Tag;
  readonly #context: DriverContext<PozyxSettings>;
  readonly #anchors: readonly number[];
  readonly #position: StreamSink | null;
  readonly #sensors: StreamSink | null;
  readonly #ranges: StreamSink | null;
  readonly #rangeClock = new RangeClock();
  readonly #unanswered = new Map<StreamSink, { fromNs: number; toNs: number; lost: number; detail: string }>();

  /** @param suffix of its streams: empty for the only tag of a source, otherwise its id `6012` */
  constructor(
    context: DriverContext<PozyxSettings>,
    tag: Tag,
    suffix: string,
    name: string,
    anchors: readonly number[],
    facts: Record<string, unknown>,
  ) {
    const { settings } = context;
    this.name = name;
    this.#tag = tag;
    this.#context = context;
    this.#anchors = anchors;
    const open = (
      part: string,
      label: string,
      channels: Parameters<typeof context.stream>[0]['channels'],
      more: object = {},
    ): StreamSink => {
      return context.stream({
        suffix: [suffix, part].filter((word) => word !== '').join('-'),
        label: `${label} of ${name}`,
        channels,
        ...(settings.rateHz === undefined ? {} : { nominalRateHz: settings.rateHz }),
        facts,
        ...more,
      });
    };
    const wants = (what: PozyxSettings['what'][number]) => settings.what.includes(what);
    const covariance = wants('covariance') ? COVARIANCE_CHANNELS : [];
    const age = settings.requestAge ? [REQUEST_AGE_CHANNEL] : [];
    this.#position = wants('position') ? open('', 'Position', [...POSITION_CHANNELS, ...covariance, ...age]) : null;
    this.#sensors = wants('sensors') ? open('orientation', 'Orientation', [...SENSOR_CHANNELS, ...age]) : null;
    this.#ranges = wants('ranges')
      ? open('ranges', 'Ranges', [...RANGE_CHANNELS, ...age], {
          deviceClock: {
            kind: 'clock',
            tickNs: 1e6,
            description: 'Millisecond clock of the tag, from the range information',
          },
        })
      : null;
  }

  /** The stream in which bytes that belong to no reply are recorded. */
  get main(): StreamSink | null {
    return this.#position ?? this.#sensors ?? this.#ranges;
  }

  /**
   * Takes one sample of everything requested. A failure is recorded as a missed sample of its stream; the rest
   * continues.
   * @throws any error except PozyxFailure: the link is gone
   */
  async round(onFailure: (failure: PozyxFailure, station: Station) => Promise<void>): Promise<void> {
    await this.#attempt(this.#position, (output) => this.#takePosition(output), onFailure);
    await this.#attempt(this.#sensors, (output) => this.#takeSensors(output), onFailure);
    for (const anchor of this.#ranges === null ? [] : this.#anchors)
      await this.#attempt(this.#ranges, () => this.#takeRange(anchor), onFailure);
    for (const range of this.#rangeClock.take()) {
      if (this.#ranges !== null)
        this.#record(
          this.#ranges,
          range.reply,
          [idLabel(range.anchor), range.info.distanceMm, range.info.rssDbm],
          range.deviceTime,
        );
    }
  }

  /** Writes the kit's settings again. */
  configure(): Promise<void> {
    return configure(this.#tag, this.#context.settings);
  }

  async #attempt(
    output: StreamSink | null,
    take: (output: StreamSink) => Promise<void>,
    onFailure: (failure: PozyxFailure, station: Station) => Promise<void>,
  ): Promise<void> {
    if (output === null) return;
    const fromNs = this.#context.now();
    try {
      await take(output);
    } catch (error) {
      if (!(error instanceof PozyxFailure)) throw error;
      this.#missed(output, error, fromNs);
      await onFailure(error, this);
    }
  }

  /**
   * Unanswered requests are reported when the device answers again; if it never does, the host's own gap (silent, lost)
   * covers them.
   */
  #missed(output: StreamSink, { word, message }: PozyxFailure, fromNs: number): void {
    const toNs = this.#context.now();
    const before = this.#unanswered.get(output);
    if (word === NO_REPLY) {
      const run = { fromNs: before?.fromNs ?? fromNs, toNs, lost: (before?.lost ?? 0) + 1, detail: message };
      this.#unanswered.set(output, run);
      return;
    }
    this.#tellUnanswered(output);
    output.gap(word, 1, message, fromNs, toNs);
  }

  #tellUnanswered(output: StreamSink): void {
    const run = this.#unanswered.get(output);
    if (run === undefined) return;
    this.#unanswered.delete(output);
    output.gap(NO_REPLY, run.lost, run.detail, run.fromNs, run.toNs);
  }

  async #takePosition(output: StreamSink): Promise<void> {
    const wanted = this.#context.settings.what.includes('covariance');
    const position = await this.#tag.position(this.#context.settings.timeoutMs, wanted);
    const { x, y, z } = decodePosition(position.bytes);
    const covariance = wanted ? await this.#covariance(output, position.bytes.subarray(12)) : [];
    this.#record(output, position, [x, y, z, ...covariance]);
  }

  /** A covariance that could not be read loses its own values, not the position. */
  async #covariance(output: StreamSink, given: Uint8Array): Promise<Value[]> {
    try {
      return decodeCovariance(given.length > 0 ? given : (await this.#tag.read(REGISTER.covariance, 12)).bytes);
    } catch (error) {
      if (!(error instanceof PozyxFailure)) throw error;
      output.gap(error.word, 0, `covariance: ${error.message}`);
      return COVARIANCE_CHANNELS.map(() => null);
    }
  }

  async #takeSensors(output: StreamSink): Promise<void> {
    const block = await readSplit(this.#tag, REGISTER.sensors, SENSOR_BLOCK_BYTES);
    this.#record(output, block, decodeSensors(block.bytes));
  }

  async #takeRange(anchor: number): Promise<void> {
    if (!this.#context.settings.what.includes('position'))
      await this.#tag.range(anchor, this.#context.settings.timeoutMs);
    const reply = await this.#tag.call(FUNCTION.rangeInfo, u16(anchor), 10);
    this.#rangeClock.add(anchor, decodeRange(reply.bytes), reply);
  }

  #record(
    output: StreamSink,
    reply: Pick<Reply, 'requestedNs' | 'arrivedNs'>,
    values: readonly Value[],
    deviceTime?: number,
  ): void {
    this.#tellUnanswered(output);
    const age = this.#context.settings.requestAge ? [(reply.arrivedNs - reply.requestedNs) / 1000] : [];
    output.sample({
      values: [...values, ...age],
      arrivedNs: reply.arrivedNs,
      ...(deviceTime === undefined ? {} : { deviceTime }),
    });
  }
}
