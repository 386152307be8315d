/**
 * Go Direct commands and the meaning of replies. Source: /shared/sensor-protocols.md sections 3.2; offsets match its tables.
 */
import { checksumOf, REPORT_BYTES } from './parser.ts';

export const COMMAND = {
  status: 0x10,
  start: 0x18,
  stop: 0x19,
  init: 0x1a,
  period: 0x1b,
  sensorInfo: 0x50,
  availableMask: 0x51,
  disconnect: 0x54,
  info: 0x55,
  defaultMask: 0x56,
} as const;

/** Parameters of INIT: a fixed handshake. */
const INIT = [
  0xa5, 0x4a, 0x06, 0x49, 0x07, 0x48, 0x08, 0x47, 0x09, 0x46, 0x0a, 0x45, 0x0b, 0x44, 0x0c, 0x43, 0x0d, 0x42, 0x0e,
  0x41,
];

const littleEndian = (value: number, bytes: number): number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(value / 256 ** i) % 256);

/** Parameters of each command; the first byte of some is a channel, -1 for all. */
export const parameters = {
  init: INIT,
  sensorInfo: (channel: number) => [channel],
  period: (periodUs: number) => [0xff, 0, ...littleEndian(periodUs, 8)],
  /** Starts immediately (time 0), with the first sample at t = 0. */
  start: (mask: number) => [0xff, 1, ...littleEndian(mask >>> 0, 4), ...littleEndian(0, 8)],
  stop: [0xff, 0, 0xff, 0xff, 0xff, 0xff],
};

/** `58 | total length | rolling counter | checksum | command | parameters`. */
export function encodeCommand(counter: number, command: number, params: readonly number[] = []): Uint8Array {
  const frame = Uint8Array.from([0x58, 5 + params.length, counter, 0, command, ...params]);
  frame[3] = checksumOf(frame);
  return frame;
}

/** The format written by node-hid: report id 00, length, frame, zeros up to 65 bytes. */
export function toOutputReport(frame: Uint8Array): Uint8Array {
  const report = new Uint8Array(REPORT_BYTES + 1);
  report[1] = frame.length;
  report.set(frame, 2);
  return report;
}

export interface GoDirectStatus {
  /** 01 not recognised, 02 ignored, 04 ADC and 08 auto-id not calibrated, 40 FIFO overflow, 80 digital transition lost. */
  flags: number;
  firmware: string;
  batteryPercent: number;
  charger: 'idle' | 'charging' | 'complete' | 'error' | 'unknown';
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const CHARGER = ['idle', 'charging', 'complete', 'error'] as const;

/** @param frame the whole reply; null if it is too short. */
export function decodeStatus(frame: Uint8Array): GoDirectStatus | null {
  if (frame.length < 18) return null;
  const view = viewOf(frame);
  return {
    flags: view.getUint8(6),
    firmware: `${view.getUint8(8)}.${view.getUint8(9)}.${view.getUint16(10, true)}`,
    batteryPercent: view.getUint8(16),
    charger: CHARGER[view.getUint8(17)] ?? 'unknown',
  };
}

const decoder = new TextDecoder();

/** Characters up to the first zero. */
function text(frame: Uint8Array, at: number, length: number): string {
  const field = frame.subarray(at, at + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end)).trim();
}

export interface GoDirectInfo {
  orderCode: string;
  serialNumber: string;
  name: string;
  description: string;
}

export function decodeInfo(frame: Uint8Array): GoDirectInfo | null {
  if (frame.length < 158) return null;
  return {
    orderCode: text(frame, 6, 16),
    serialNumber: text(frame, 22, 16),
    name: text(frame, 38, 32),
    description: text(frame, 94, 64),
  };
}

/** Channel mask of a reply to 51 or 56. */
export const decodeMask = (frame: Uint8Array): number | null =>
  frame.length < 10 ? null : viewOf(frame).getUint32(6, true);

export interface GoDirectSensor {
  channel: number;
  isInteger: boolean;
  /** Sent when an event occurs, not periodically. */
  aperiodic: boolean;
  description: string;
  unit: string;
  minPeriodUs: number;
  typicalPeriodUs: number;
  /** Channels that cannot be measured at the same time as this one. */
  exclusionMask: number;
}

export function decodeSensor(frame: Uint8Array): GoDirectSensor | null {
  if (frame.length < 154) return null;
  const view = viewOf(frame);
  return {
    channel: view.getUint8(6),
    isInteger: view.getUint8(12) === 1,
    aperiodic: view.getUint8(13) === 1,
    description: text(frame, 14, 60),
    unit: text(frame, 74, 32),
    minPeriodUs: view.getUint32(130, true),
    typicalPeriodUs: view.getUint32(142, true),
    exclusionMask: view.getUint32(150, true),
  };
}

export const channelsOf = (mask: number): number[] =>
  Array.from({ length: 32 }, (_, i) => i).filter((i) => ((mask >>> i) & 1) === 1);
export const maskOf = (channels: readonly number[]): number =>
  channels.reduce((mask, channel) => (mask | (1 << channel)) >>> 0, 0);
