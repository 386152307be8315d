/** GPS and other receivers that speak NMEA 0183: position, speed, fix and UTC. See README.md. */
import { z } from 'zod';
import type { Channel } from '../../../electron/common/stream.ts';
import { type DeviceInfo, type DriverContext, defineDriver, type StreamSink, type Value } from '../../driver.ts';
import type { Resync } from '../../parser.ts';
import { NmeaParser, type NmeaSentence } from './parser.ts';
import { type Meaning, NmeaReader } from './position.ts';
import { Talkers } from './talkers.ts';

export const nmeaSettingsSchema = z.strictObject({
  /** 4800 by the standard; 9600 is common; USB receivers ignore the setting. */
  baudRate: z.number().int().min(300).max(921_600).default(4800).meta({ title: 'Baud rate', unit: 'bit/s' }),
});
export type NmeaSettings = z.infer<typeof nmeaSettingsSchema>;

/** Consecutive damaged lines after which people are informed. */
const TROUBLE_AFTER_LINES = 10;
/** Time without any valid sentence, while bytes arrive, before an error is shown. */
const TROUBLE_AFTER_NS = 5_000_000_000;

const channel = (name: string, unit = '', type: Channel['type'] = 'number'): Channel => ({ name, unit, type });
const POSITION = [channel('latitude', '°'), channel('longitude', '°')];

/** One stream per kind of sentence: data that did not arrive together is not combined. */
const STREAMS: Record<Meaning['kind'], { suffix: string; label: string; channels: Channel[] }> = {
  RMC: {
    suffix: '',
    label: 'Position and speed (RMC)',
    channels: [channel('valid', '', 'boolean'), ...POSITION, channel('speed', 'kn'), channel('course', '°')],
  },
  GGA: {
    suffix: 'fix',
    label: 'Fix (GGA)',
    channels: [
      channel('fix', '', 'integer'),
      ...POSITION,
      channel('altitude', 'm'),
      channel('satellites', '', 'integer'),
      channel('hdop'),
    ],
  },
  ZDA: { suffix: 'utc', label: 'Date and time (ZDA)', channels: [channel('utc', '', 'text')] },
};

function valuesOf(meaning: Meaning): Value[] {
  if (meaning.kind === 'ZDA') return [meaning.utc];
  const { latitude, longitude } = meaning;
  if (meaning.kind === 'RMC') return [meaning.valid, latitude, longitude, meaning.speedKnots, meaning.courseDegrees];
  return [meaning.fix, latitude, longitude, meaning.altitudeMetres, meaning.satellites, meaning.hdop];
}

/** Maximum number of fixes held back without a date; if none ever arrives, they are recorded without a time. */
const MAX_UNDATED = 4;

interface Heard {
  meaning: Meaning;
  talker: string;
  arrivedNs: number;
  /** As printed, to detect talkers that report the same moment. */
  time: string;
  /** Fields that could not be read. */
  odd: number;
}

/** RMC, GGA and ZDA begin with the time of day. */
const TIME_FIELD = 0;
/** Consecutive sentences without a checksum that show that the receiver sends none. */
const UNCHECKED_ENOUGH = 3;

class NmeaConversation {
  readonly #context: DriverContext<NmeaSettings>;
  readonly #parser = new NmeaParser();
  readonly #reader = new NmeaReader();
  readonly #sinks = new Map<string, StreamSink>();
  #lastNs: number;
  #badLines = 0;
  #unreadBytes = 0;
  #goodNs: number;
  #told = false;
  readonly #undated: Heard[] = [];
  /** Sentences without a checksum while it is not known whether the receiver sends checksums. */
  #unchecked: { sentence: NmeaSentence; arrivedNs: number }[] = [];
  #sendsNone = false;
  readonly #talkers = new Talkers();

  constructor(context: DriverContext<NmeaSettings>) {
    this.#context = context;
    this.#lastNs = context.now();
    this.#goodNs = this.#lastNs;
  }

  read(bytes: Uint8Array, arrivedNs: number): void {
    for (const frame of this.#parser.push(bytes)) {
      if (frame.type === 'resync') {
        this.#damage(frame, arrivedNs);
        continue;
      }
      if (frame.unchecked && !this.#sendsNone) {
        this.#unchecked.push({ sentence: frame, arrivedNs });
        if (this.#unchecked.length < UNCHECKED_ENOUGH) continue;
        this.#sendsNone = true;
        this.#context.log(
          'warn',
          `${this.#context.link.path} sends no checksums: damage in its sentences cannot be seen.`,
        );
        for (const held of this.#unchecked.splice(0)) this.#sentence(held.sentence, held.arrivedNs);
        continue;
      }
      // A checksum arrived, so the sentences without one were damaged.
      for (const held of this.#unchecked.splice(0))
        this.#damage(
          { type: 'resync', discardedBytes: held.sentence.fields.join(',').length, reason: 'checksum' },
          held.arrivedNs,
        );
      this.#sentence(frame, arrivedNs);
    }
    this.#lastNs = arrivedNs;
    // Binary data has no lines to count.
    this.#unreadBytes += bytes.length;
    if (!this.#told && this.#unreadBytes > 50 && arrivedNs - this.#goodNs > TROUBLE_AFTER_NS) this.#complain();
  }

  #sentence(sentence: NmeaSentence, arrivedNs: number): void {
    this.#badLines = 0;
    this.#unreadBytes = 0;
    this.#goodNs = arrivedNs;
    this.#told = false;
    const meaning = this.#reader.read(sentence);
    const odd = this.#reader.oddFields;
    if (meaning)
      this.#take({ meaning, talker: sentence.talker, arrivedNs, time: sentence.fields[TIME_FIELD] ?? '', odd });
  }

  /** GGA has no date. The first ones wait for the sentence that brings it, so that they do not lose their time. */
  #take(heard: Heard): void {
    const { meaning } = heard;
    const isUndated = meaning.kind === 'GGA' && Number.isNaN(meaning.unixMs) && !Number.isNaN(meaning.ofDayMs);
    if (isUndated && this.#undated.length < MAX_UNDATED) {
      this.#undated.push(heard);
      return;
    }
    if (this.#undated.length > 0 && (isUndated || !Number.isNaN(meaning.unixMs))) this.end();
    this.#record(heard);
  }

  /** The link is gone: no more evidence will arrive for the held sentences. */
  close(): void {
    for (const held of this.#unchecked.splice(0)) this.#sentence(held.sentence, held.arrivedNs);
    this.end();
  }

  /** No sentence will arrive that could date the held ones. */
  end(): void {
    for (const heard of this.#undated.splice(0)) this.#record(heard);
  }

  #record({ meaning, talker, arrivedNs, time, odd }: Heard): void {
    const unixMs = meaning.kind === 'GGA' ? this.#reader.withDate(meaning.ofDayMs) : meaning.unixMs;
    const deviceTime = Number.isNaN(unixMs) ? {} : { deviceTime: unixMs };
    const sink = this.#sink(meaning.kind, talker, time);
    sink.sample({ values: valuesOf(meaning), arrivedNs, ...deviceTime });
    if (odd > 0) sink.gap('bad-field', null, `${odd} fields of a sentence could not be read`, arrivedNs, arrivedNs);
  }

  #damage(resync: Resync, arrivedNs: number): void {
    const detail = `${resync.discardedBytes} bytes discarded`;
    for (const sink of this.#sinks.values()) sink.gap(resync.reason, null, detail, this.#lastNs, arrivedNs);
    if (resync.reason === 'partial-first-line') return;
    this.#badLines += 1;
    if (this.#badLines === TROUBLE_AFTER_LINES) this.#complain();
  }

  #complain(): void {
    this.#told = true;
    const { link, settings } = this.#context;
    this.#context.trouble(
      'device.garbage',
      `What ${link.path} sends is not NMEA 0183.`,
      `Check "baudRate" (${settings.baudRate} now): 4800 and 9600 are common.`,
    );
  }

  #sink(kind: Meaning['kind'], talker: string, time: string): StreamSink {
    const own = this.#talkers.own(kind, talker, time);
    const key = `${kind}-${own}`;
    const known = this.#sinks.get(key);
    if (known) return known;
    const { suffix, label, channels } = STREAMS[kind];
    const made = this.#context.stream({
      suffix: [suffix, own.toLowerCase()].filter(Boolean).join('-'),
      label: own === '' ? label : `${label} of ${own}`,
      channels,
      deviceClock: {
        kind: 'clock',
        tickNs: 1e6,
        description: 'UTC of the sentence, ms since 1970; absent without a fix',
      },
      facts: {
        talker,
        baudRate: this.#context.settings.baudRate,
        ...(this.#sendsNone ? { checksum: 'none: damage cannot be seen' } : {}),
      },
    });
    this.#sinks.set(key, made);
    return made;
  }
}

/** u-blox receivers, and USB-serial chips that GPS mice use. */
function fits(device: DeviceInfo): 0 | 1 | 2 | 3 {
  if (device.kind !== 'serial') return 0;
  if (device.vendorId === '1546') return 2;
  return ['067b', '10c4', '0403', '1a86'].includes(device.vendorId ?? '') ? 1 : 0;
}

export const nmeaDriver = defineDriver<NmeaSettings>({
  id: 'nmea',
  title: 'GPS receiver (NMEA)',
  kinds: ['serial', 'tcp', 'udp'],
  settings: nmeaSettingsSchema,
  serial: { baudRate: 4800, lowLatency: true },
  onlyListens: true,
  fits,
  async run(context) {
    const conversation = new NmeaConversation(context);
    context.link.onData = (bytes, arrivedNs) => conversation.read(bytes, arrivedNs);
    const error = await context.link.closed;
    conversation.close();
    if (error) throw error;
  },
});
