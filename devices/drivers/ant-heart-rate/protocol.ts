/**
 * The meaning of ANT frames: commands, answers, broadcasts and the heart rate page.
 * Source: /shared/sensor-protocols.md section 2a.
 */
import { type AntFrame, encodeAnt } from './parser.ts';

export const MESSAGE = {
  unassign: 0x41,
  assign: 0x42,
  period: 0x43,
  searchTimeout: 0x44,
  frequency: 0x45,
  networkKey: 0x46,
  reset: 0x4a,
  open: 0x4b,
  close: 0x4c,
  request: 0x4d,
  broadcast: 0x4e,
  channelId: 0x51,
  capabilities: 0x54,
  openScan: 0x5b,
  extendedOld: 0x66,
  extended: 0x6e,
  startup: 0x6f,
  response: 0x40,
  serialError: 0xae,
} as const;

export const CODE = {
  ok: 0x00,
  searchTimeout: 0x01,
  rxFail: 0x02,
  channelClosed: 0x07,
  goToSearch: 0x08,
  collision: 0x09,
  wrongState: 0x15,
  closeAllChannels: 0x19,
  invalidMessage: 0x28,
  invalidNetwork: 0x29,
  queueOverflow: 0x34,
  queueOverflowToo: 0x35,
} as const;

export const HEART_RATE_TYPE = 120;
/** Channel period of the heart rate profile in 1/32768 s: 4.06 messages a second. */
export const PERIOD_TICKS = 8070;
/** 2457 MHz: the ANT+ frequency, as an offset to 2400. */
const FREQUENCY = 57;

/** The start-up conversation, row by row of the table in section 2a; channel 0, network 0. */
export const command = {
  reset: () => encodeAnt(MESSAGE.reset, [0]),
  capabilities: () => encodeAnt(MESSAGE.request, [0, MESSAGE.capabilities]),
  networkKey: (key: Uint8Array) => encodeAnt(MESSAGE.networkKey, [0, ...key]),
  assign: () => encodeAnt(MESSAGE.assign, [0, 0, 0]),
  /** Device number 0 means any; a scan requires the whole id to be zero. */
  channelId: (deviceNumber: number, deviceType: number) =>
    encodeAnt(MESSAGE.channelId, [0, deviceNumber & 0xff, deviceNumber >> 8, deviceType, 0]),
  searchForever: () => encodeAnt(MESSAGE.searchTimeout, [0, 0xff]),
  frequency: () => encodeAnt(MESSAGE.frequency, [0, FREQUENCY]),
  period: () => encodeAnt(MESSAGE.period, [0, PERIOD_TICKS & 0xff, PERIOD_TICKS >> 8]),
  /** Device number, RSSI and time after each broadcast. */
  extended: () => encodeAnt(MESSAGE.extended, [0, 0xe0]),
  /** For older sticks: the device number only. */
  extendedOld: () => encodeAnt(MESSAGE.extendedOld, [0, 1]),
  open: () => encodeAnt(MESSAGE.open, [0]),
  openScan: () => encodeAnt(MESSAGE.openScan, [0, 1]),
  close: () => encodeAnt(MESSAGE.close, [0]),
  unassign: () => encodeAnt(MESSAGE.unassign, [0]),
};

export interface AntResponse {
  channel: number;
  /** The message that is answered, or 1: an event of the channel. */
  to: number;
  code: number;
}

export function decodeResponse(frame: AntFrame): AntResponse | null {
  const [channel, to, code] = frame.payload;
  if (frame.id !== MESSAGE.response || channel === undefined || to === undefined || code === undefined) return null;
  return { channel, to, code };
}

export interface AntCapabilities {
  channels: number;
  networks: number;
  /** Extended messages (02) and scan mode (04) of the advanced options 2. */
  canScan: boolean;
}

export function decodeCapabilities(frame: AntFrame): AntCapabilities | null {
  const [channels, networks] = frame.payload;
  if (frame.id !== MESSAGE.capabilities || channels === undefined || networks === undefined) return null;
  return { channels, networks, canScan: ((frame.payload[4] ?? 0) & 0x06) === 0x06 };
}

export interface AntBroadcast {
  channel: number;
  /** The 8 bytes of the profile's page. */
  page: Uint8Array;
  /** Absent if the stick adds no extended information. */
  deviceNumber?: number;
  deviceType?: number;
  rssiDbm?: number;
  /** Receive time in 1/32768 s, wraps every 2 s (unit inferred). */
  receiveTicks?: number;
}

/** Null if the bytes are too short for what their flags promise. */
export function decodeBroadcast(frame: AntFrame): AntBroadcast | null {
  const { payload } = frame;
  const channel = payload[0];
  if (frame.id !== MESSAGE.broadcast || channel === undefined || payload.length < 9) return null;
  const result: AntBroadcast = { channel, page: payload.subarray(1, 9) };
  const flags = payload[9];
  if (flags === undefined) return result;
  let at = 10;
  if ((flags & 0x80) !== 0) {
    if (payload.length < at + 4) return null;
    result.deviceNumber = (payload[at] as number) | ((payload[at + 1] as number) << 8);
    result.deviceType = payload[at + 2] as number;
    at += 4;
  }
  if ((flags & 0x40) !== 0) {
    // Measurement type 20 is dBm in three bytes; 10 is the older chips' gain setting in four, which is not a power.
    const kind = payload[at];
    const size = kind === 0x20 ? 3 : kind === 0x10 ? 4 : 0;
    if (size === 0 || payload.length < at + size) return size === 0 && kind !== undefined ? result : null;
    if (kind === 0x20) result.rssiDbm = ((payload[at + 1] as number) << 24) >> 24;
    at += size;
  }
  if ((flags & 0x20) !== 0) {
    if (payload.length < at + 2) return null;
    result.receiveTicks = (payload[at] as number) | ((payload[at + 1] as number) << 8);
  }
  return result;
}

export interface HeartRatePage {
  /** 0 to 127; bytes 1 to 3 are valid only once the toggle bit has been seen to change. */
  page: number;
  toggle: boolean;
  /** Time of the last beat, 1/1024 s, wraps every 64 s. */
  eventTicks: number;
  /** Beats modulo 256. */
  beatCount: number;
  /** Computed by the strap; NaN for 0, which is not a rate (inferred). */
  heartRateBpm: number;
}

/** Null if bytes 4 to 7 are all FF: a Garmin strap was observed to send that when it has no data. */
export function decodeHeartRate(page: Uint8Array): HeartRatePage | null {
  if (page.length < 8) return null;
  const [b0, , , , low, high, beatCount, bpm] = page as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (low === 0xff && high === 0xff && beatCount === 0xff && bpm === 0xff) return null;
  return {
    page: b0 & 0x7f,
    toggle: b0 >= 0x80,
    eventTicks: low | (high << 8),
    beatCount,
    heartRateBpm: bpm === 0 ? Number.NaN : bpm,
  };
}
