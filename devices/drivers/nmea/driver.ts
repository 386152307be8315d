/** GPS and other receivers that speak NMEA 0183: position, speed, fix and UTC. See README.md. */
import { z } from 'zod';
import type { Channel } from '../../../electron/common/stream.ts';
import { type DeviceInfo, type DriverContext, defineDriver, type StreamSink, type Value } from '../../driver.ts';
import type { Resync } from '../../parser.ts';
import { NmeaParser } from './parser.ts';
import { type Meaning, NmeaReader } from './position.ts';

export const nmeaSettingsSchema = z.strictObject({
  /** 4800 by the standard; 9600 is common; receivers with a USB plug of their own do not care. */
  baudRate: z.number().int().min(300).max(921_600).default(4800),
});
export type NmeaSettings = z.infer<typeof nmeaSettingsSchema>;

/** Damaged lines, one after the other, until people are told. */
const TROUBLE_AFTER_LINES = 10;

const channel = (name: string, unit = '', type: Channel['type'] = 'number'): Channel => ({ name, unit, type });
const POSITION = [channel('latitude', '°'), channel('longitude', '°')];

/** One stream a kind of sentence: nothing is put together that did not come together. */
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

/** Fixes without a date that are held back at most: where none ever comes they are recorded without a time. */
const MAX_UNDATED = 4;

interface Heard {
  meaning: Meaning;
  talker: string;
  arrivedNs: number;
}

class NmeaConversation {
  readonly #context: DriverContext<NmeaSettings>;
  readonly #parser = new NmeaParser();
  readonly #reader = new NmeaReader();
  readonly #sinks = new Map<string, StreamSink>();
  #lastNs: number;
  #badLines = 0;
  readonly #undated: Heard[] = [];

  constructor(context: DriverContext<NmeaSettings>) {
    this.#context = context;
    this.#lastNs = context.now();
  }

  read(bytes: Uint8Array, arrivedNs: number): void {
    for (const frame of this.#parser.push(bytes)) {
      if (frame.type === 'resync') {
        this.#damage(frame, arrivedNs);
        continue;
      }
      this.#badLines = 0;
      const meaning = this.#reader.read(frame);
      if (meaning) this.#take({ meaning, talker: frame.talker, arrivedNs });
    }
    this.#lastNs = arrivedNs;
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

  /** Nothing more comes that could date what waits. */
  end(): void {
    for (const heard of this.#undated.splice(0)) this.#record(heard);
  }

  #record({ meaning, talker, arrivedNs }: Heard): void {
    const unixMs = meaning.kind === 'GGA' ? this.#reader.withDate(meaning.ofDayMs) : meaning.unixMs;
    const deviceTime = Number.isNaN(unixMs) ? {} : { deviceTime: unixMs };
    this.#sink(meaning.kind, talker).sample({ values: valuesOf(meaning), arrivedNs, ...deviceTime });
  }

  #damage(resync: Resync, arrivedNs: number): void {
    const detail = `${resync.discardedBytes} bytes discarded`;
    for (const sink of this.#sinks.values()) sink.gap(resync.reason, null, detail, this.#lastNs, arrivedNs);
    if (resync.reason === 'partial-first-line') return;
    this.#badLines += 1;
    if (this.#badLines !== TROUBLE_AFTER_LINES) return;
    const { link, settings } = this.#context;
    this.#context.trouble(
      'device.garbage',
      `What ${link.path} sends is no NMEA 0183.`,
      `Check "baudRate" (${settings.baudRate} now): 4800 and 9600 are common.`,
    );
  }

  #sink(kind: Meaning['kind'], talker: string): StreamSink {
    const known = this.#sinks.get(kind);
    if (known) return known;
    const made = this.#context.stream({
      ...STREAMS[kind],
      deviceClock: {
        kind: 'clock',
        tickNs: 1e6,
        description: 'UTC of the sentence, ms since 1970; absent without a fix',
      },
      facts: { talker, baudRate: this.#context.settings.baudRate },
    });
    this.#sinks.set(kind, made);
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
  title: 'GPS receiver (NMEA 0183)',
  kinds: ['serial', 'tcp', 'udp'],
  settings: nmeaSettingsSchema,
  serial: { baudRate: 4800, lowLatency: true },
  onlyListens: true,
  fits,
  async run(context) {
    const conversation = new NmeaConversation(context);
    context.link.onData = (bytes, arrivedNs) => conversation.read(bytes, arrivedNs);
    const error = await context.link.closed;
    conversation.end();
    if (error) throw error;
  },
});
