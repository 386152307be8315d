/** Handles what the stick sends once the channel is open: straps by device number, events, and damage on the wire. */

import type { DriverContext, StreamSink } from '../../driver.ts';
import type { Resync } from '../../parser.ts';
import type { AntFrame } from './parser.ts';
import { CODE, decodeBroadcast, decodeResponse, HEART_RATE_TYPE, MESSAGE } from './protocol.ts';
import type { AntSettings } from './settings.ts';
import { DROPOUT_NS, Strap } from './strap.ts';

/** More straps than a stick can receive: anything beyond is noise that looks like a strap and would fill the memory. */
const MAX_STRAPS = 128;
/** A strap last received longer ago than this is treated as new: its record has ended in the meantime. */
const REMEMBER_NS = 60e9;
/** Damage is reported at most once per this interval. */
const DAMAGE_EVERY_NS = 1e9;

interface Worn {
  strap: Strap;
  sink: StreamSink;
}

/**
 * The straps of a source outlive its link: after the cable is reconnected, a beat that was already recorded is
 * recognised, and the beats in between are counted.
 */
const straps = new WeakMap<object, Map<number, Strap>>();

export class AntListener {
  readonly #context: DriverContext<AntSettings>;
  readonly #remembered: Map<number, Strap>;
  readonly #worn = new Map<number, Worn>();
  #interrupted: ((what: 'closed' | 'restarted') => void) | null = null;
  #pending: 'closed' | 'restarted' | null = null;
  #damage: { bytes: number; reason: string; fromNs: number } | null = null;
  #lastReadNs: number;
  #toldNs = Number.NEGATIVE_INFINITY;
  /** True from when the channel is opened until the stick closes it. */
  open = false;
  broadcasts = 0;
  beats = 0;
  reads = 0;

  constructor(context: DriverContext<AntSettings>) {
    this.#context = context;
    this.#lastReadNs = context.now();
    this.#remembered = straps.get(context.source) ?? new Map();
    straps.set(context.source, this.#remembered);
  }

  get strapCount(): number {
    return this.#worn.size;
  }

  /** Resolves when the channel must be reopened or the stick set up again. */
  interrupted(): Promise<'closed' | 'restarted'> {
    return new Promise((resolve) => {
      if (this.#pending) resolve(this.#pending);
      else this.#interrupted = resolve;
      this.#pending = null;
    });
  }

  /** Acts as if the stick had reported a restart. */
  setUpAgain(): void {
    if (this.open) this.#interrupt('restarted');
  }

  take(frame: AntFrame | Resync, arrivedNs: number): void {
    if (frame.type === 'resync') {
      this.#damage ??= { bytes: 0, reason: frame.reason, fromNs: this.#lastReadNs };
      this.#damage.bytes += frame.discardedBytes;
    } else if (frame.id === MESSAGE.broadcast) this.#broadcast(frame, arrivedNs);
    else if (frame.id === MESSAGE.response) this.#event(frame);
    // A start-up message while straps are being received: the stick lost power for a moment.
    else if (frame.id === MESSAGE.startup && this.open) this.#interrupt('restarted');
    else if (frame.id === MESSAGE.serialError)
      this.#context.log('warn', 'The ANT stick did not understand a command (serial error).');
  }

  endOfRead(arrivedNs: number): void {
    this.reads += 1;
    if (this.#damage && arrivedNs - this.#toldNs >= DAMAGE_EVERY_NS) this.#tellDamage(arrivedNs);
    this.#lastReadNs = arrivedNs;
  }

  /** The link is gone or the source is closed: report everything known to be missing now. */
  end(nowNs: number): void {
    if (this.#damage) this.#tellDamage(nowNs);
    for (const { strap, sink } of this.#worn.values()) {
      if (nowNs - strap.heardNs > DROPOUT_NS)
        sink.gap('dropout', null, 'The strap was not heard up to the end.', strap.heardNs, nowNs);
    }
  }

  #broadcast(frame: AntFrame, arrivedNs: number): void {
    const broadcast = decodeBroadcast(frame);
    // A scan receives every ANT+ device in the room; foot pods and bicycle sensors are ignored.
    if (!broadcast || (broadcast.deviceType !== undefined && broadcast.deviceType !== HEART_RATE_TYPE)) return;
    const { settings } = this.#context;
    const number = broadcast.deviceNumber ?? (settings.mode === 'single' ? (settings.deviceNumber ?? 0) : undefined);
    if (number === undefined) return;
    if (settings.onlyListed && settings.straps[String(number)] === undefined) return;
    this.broadcasts += 1;
    const worn = this.#worn.get(number) ?? this.#meet(number, arrivedNs);
    if (!worn) return;
    for (const event of worn.strap.take(broadcast.page, broadcast.rssiDbm ?? Number.NaN, arrivedNs)) {
      if (event.type === 'beat') {
        this.beats += 1;
        worn.sink.sample({
          values: [event.heartRateBpm, event.rrMs, event.beatCount, event.rssiDbm],
          arrivedNs,
          ...(Number.isNaN(event.deviceTime) ? {} : { deviceTime: event.deviceTime }),
        });
      } else if (event.type === 'gap') {
        worn.sink.gap(event.cause, event.lost, detailOf(event.cause), event.fromNs, event.toNs);
      } else this.#declare(number, event.facts);
    }
  }

  #meet(number: number, arrivedNs: number): Worn | null {
    if (this.#worn.size >= MAX_STRAPS) return null;
    const known = this.#remembered.get(number);
    const strap = known && arrivedNs - known.heardNs < REMEMBER_NS ? known : new Strap(number);
    if (this.#remembered.size < 2 * MAX_STRAPS) this.#remembered.set(number, strap);
    const worn = { strap, sink: this.#declare(number, {}) };
    this.#worn.set(number, worn);
    this.#context.log('info', `Heart strap ${number} is received.`);
    return worn;
  }

  #declare(number: number, facts: Record<string, unknown>): StreamSink {
    const participant = this.#context.settings.straps[String(number)];
    return this.#context.stream({
      // A stick without extended information does not report the number of the one strap it is paired with.
      suffix: number === 0 ? 'strap' : String(number),
      label: number === 0 ? 'Heart strap' : `Heart strap ${number}`,
      channels: [
        { name: 'heart_rate', unit: 'bpm', type: 'number', label: 'Heart rate as the strap computes it' },
        { name: 'rr_ms', unit: 'ms', type: 'number', label: 'Time since the beat before' },
        { name: 'beat_count', unit: '', type: 'integer', label: 'Beats modulo 256' },
        { name: 'rssi', unit: 'dBm', type: 'number', label: 'Radio strength' },
      ],
      deviceClock: {
        kind: 'clock',
        tickNs: 1e9 / 1024,
        description: 'Time of the beat, unwrapped from 64 s; starts anywhere',
      },
      ...(participant === undefined ? {} : { participant }),
      facts: { deviceNumber: number, mode: this.#context.settings.mode, ...facts },
    });
  }

  #event(frame: AntFrame): void {
    const response = decodeResponse(frame);
    if (response?.to !== 1) return;
    if (response.code === CODE.channelClosed) this.#interrupt('closed');
    else if (response.code === CODE.goToSearch) {
      this.#context.log('warn', 'The stick lost the strap and is searching for it.');
      this.#context.trouble(
        'device.strap-lost',
        'The heart strap is not heard any more.',
        'Bring the strap nearer to the stick and check its contact with the skin.',
      );
    } else if (response.code === CODE.queueOverflow || response.code === CODE.queueOverflowToo) {
      for (const { sink } of this.#worn.values())
        sink.gap('stick-overflow', null, 'The ANT stick could not hand over its messages in time.');
    }
  }

  #interrupt(what: 'closed' | 'restarted'): void {
    this.open = false;
    if (this.#interrupted) this.#interrupted(what);
    else this.#pending = what;
    this.#interrupted = null;
  }

  /** A damaged message cannot be attributed to a strap, so it is reported for every strap being received. */
  #tellDamage(toNs: number): void {
    const damage = this.#damage;
    if (!damage) return;
    this.#damage = null;
    this.#toldNs = toNs;
    const detail = `${damage.bytes} bytes were no good ANT message.`;
    if (this.#worn.size === 0) this.#context.log('warn', detail);
    for (const { sink } of this.#worn.values()) sink.gap(damage.reason, null, detail, damage.fromNs, toNs);
  }
}

function detailOf(cause: string): string {
  if (cause === 'missed-beats') return 'The strap was heard, but counted beats that it did not tell of one by one.';
  if (cause === 'dropout') return 'The strap was not heard.';
  return 'The counters of the strap began anew.';
}
