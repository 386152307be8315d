import { z } from 'zod';
import { type AnyDriver, type DriverContext, type DriverStream, defineDriver, type StreamSink } from '../../driver.ts';
import type { Resync } from '../../parser.ts';
import { ANCHOR_CHANNELS, CUSTOM_CHANNELS, MOTION_CHANNELS, UPDATE_CHANNELS } from './channels.ts';
import { PozyxMqttParser } from './parser.ts';
import { Seen } from './seen.ts';
import type { TagUpdate } from './update.ts';

const tagId = z
  .string()
  .regex(
    /^(\d{1,15}|0x[0-9a-fA-F]{1,8})$/,
    'must be a tag id, in decimal as the gateway writes it ("27196") or in hex ("0x6A3C")',
  );

const settings = z.strictObject({
  /** All topics that gateways of different versions use (1.10); the cloud has `TENANT/tags`. */
  topics: z
    .array(z.string().min(1).max(500))
    .min(1)
    .max(32)
    .default(['tags', 'tags/+', 'tagsLive'])
    .meta({ title: 'Topics' }),
  /** Only these tags; empty: every tag that is received. */
  tags: z.array(tagId).max(256).default([]).meta({ title: 'Tags', description: 'Leave blank to record every tag' }),
  username: z.string().max(500).optional().meta({ title: 'User name' }),
  password: z.string().max(500).optional().meta({ title: 'Password', secret: true }),
});
type Settings = z.infer<typeof settings>;

/** A wrong topic may carry anything; more tag ids than this do not come from a classroom. */
const MAX_TAGS = 256;
const MAX_STREAMS = 4 * MAX_TAGS;

/** Samples already recorded for a source, in case its broker reconnects with retained messages. */
const seenBySource = new WeakMap<object, Seen>();

/** The Pozyx gateway's positions over MQTT (sensor-protocols 1.10). */
export const pozyxMqttDriver: AnyDriver = defineDriver<Settings>({
  id: 'pozyx-mqtt',
  title: 'Pozyx gateway',
  kinds: ['mqtt'],
  settings,
  topics: ({ topics }) => topics,
  fits: () => 0,
  async run(context) {
    const updates = new Updates(context);
    const parser = new PozyxMqttParser();
    context.link.onData = (bytes, arrivedNs) => {
      for (const frame of parser.push(bytes)) updates.take(frame, arrivedNs);
    };
    const { signal } = context;
    const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    const lost = await Promise.race([context.link.closed, stopped]);
    if (lost !== undefined && !signal.aborted) throw lost;
  },
});

/** Turns updates into samples: one stream per tag, with the gateway's time as device time and the arrival time beside it. */
class Updates {
  readonly #context: DriverContext<Settings>;
  readonly #wanted: ReadonlySet<string>;
  readonly #seen: Seen;
  readonly #streams = new Map<string, StreamSink>();
  readonly #tags = new Set<string>();
  #last: StreamSink | null = null;
  #badMessages = 0;

  constructor(context: DriverContext<Settings>) {
    this.#context = context;
    this.#wanted = new Set(context.settings.tags.map((id) => String(Number(id))));
    this.#seen = seenBySource.get(context.source) ?? new Seen();
    seenBySource.set(context.source, this.#seen);
  }

  take(frame: TagUpdate | Resync, arrivedNs: number): void {
    if (frame.type === 'resync') this.#discarded(frame, arrivedNs);
    else if (this.#admit(frame.tagId) && this.#seen.isNew(frame)) this.#update(frame, arrivedNs);
  }

  #update(update: TagUpdate, arrivedNs: number): void {
    this.#badMessages = 0;
    const sink = this.#stream(update.tagId, '', 'Position', UPDATE_CHANNELS);
    this.#last = sink;
    const sample = (to: StreamSink, values: Parameters<StreamSink['sample']>[0]['values']): void =>
      to.sample({ values, arrivedNs, ...(update.timestampUs === null ? {} : { deviceTime: update.timestampUs }) });
    if (update.success && update.position !== null) {
      const { latencyMs, updateHz, successHz, packetLoss } = update;
      sample(sink, [...update.position, ...update.orientation, latencyMs, updateHz, successHz, packetLoss]);
      if (update.position.includes(null))
        sink.gap('bad-field', null, 'A coordinate is missing or cannot be read', arrivedNs, arrivedNs);
    } else {
      // The body of `success: false` is not documented. Its coordinates may be old, so they are not recorded as a
      // sample.
      const place = update.position === null ? 'no coordinates' : `coordinates ${update.position.join(', ')}`;
      const cause = update.success ? 'pozyx-no-coordinates' : 'pozyx-no-success';
      sink.gap(cause, 1, `${place}, gateway time ${update.timestampUs ?? 'unknown'} µs`, undefined, arrivedNs);
    }
    if (update.motion !== null) sample(this.#stream(update.tagId, 'motion', 'Motion', MOTION_CHANNELS), update.motion);
    for (const { id, rssDbm } of update.anchors)
      sample(this.#stream(update.tagId, 'anchors', 'Anchor signals', ANCHOR_CHANNELS), [id, rssDbm]);
    for (const { name, value } of update.custom) {
      const isText = typeof value === 'string';
      sample(this.#stream(update.tagId, 'custom', 'Sensors', CUSTOM_CHANNELS), [
        name,
        isText ? null : value,
        isText ? value : null,
      ]);
    }
  }

  #discarded(resync: Resync, arrivedNs: number): void {
    if (this.#last === null)
      this.#context.log('warn', `${resync.discardedBytes} bytes before the first update: ${resync.reason}`);
    this.#last?.gap(resync.reason, null, `${resync.discardedBytes} bytes`, undefined, arrivedNs);
    this.#badMessages += 1;
    if (this.#badMessages !== 3) return;
    const { topics } = this.#context.settings;
    const message = `What comes from ${this.#context.link.path} on ${topics.join(', ')} is not an update of Pozyx tags.`;
    this.#context.trouble(
      'device.wrong-device',
      message,
      'Correct topics in the settings of the source, or the address of the gateway.',
    );
  }

  #admit(id: string): boolean {
    if (this.#wanted.size > 0) return this.#wanted.has(id);
    if (this.#tags.has(id)) return true;
    if (this.#tags.size === MAX_TAGS) {
      this.#context.log('warn', `tag ${id} is not recorded: the limit is ${MAX_TAGS} tags`);
      this.#tags.add('more');
    }
    if (this.#tags.size > MAX_TAGS) return false;
    this.#tags.add(id);
    return true;
  }

  #stream(id: string, part: string, label: string, channels: readonly DriverStream['channels'][number][]): StreamSink {
    const suffix = part === '' ? id : `${id}-${part}`;
    const known = this.#streams.get(suffix);
    if (known !== undefined) return known;
    if (this.#streams.size > MAX_STREAMS) throw new RangeError('more streams than the number of tags allows');
    const sink = this.#context.stream({
      suffix,
      label: `${label} of tag ${id} (0x${Number(id).toString(16).toUpperCase()})`,
      channels: [...channels],
      deviceClock: {
        kind: 'clock',
        tickNs: 1000,
        description: 'Unix time of the gateway, when the position was calculated',
      },
    });
    this.#streams.set(suffix, sink);
    return sink;
  }
}
