/** Replies of an emulated Go Direct device, byte for byte, in the layouts of section 3.2. */
import { checksumOf, REPLY } from './parser.ts';
import { maskOf } from './protocol.ts';

export interface EmulatedChannel {
  channel: number;
  isInteger: boolean;
  aperiodic: boolean;
  description: string;
  unit: string;
}

/** A respiration belt with the mask 36 of a real GDX-RB; the contents of channels 4 and 5 are made up. */
export const BELT: readonly EmulatedChannel[] = [
  { channel: 1, isInteger: false, aperiodic: false, description: 'Force', unit: 'N' },
  { channel: 2, isInteger: false, aperiodic: false, description: 'Respiration Rate', unit: 'bpm' },
  { channel: 4, isInteger: true, aperiodic: false, description: 'Steps', unit: 'steps' },
  { channel: 5, isInteger: false, aperiodic: true, description: 'Step Rate', unit: 'spm' },
];
export const DEFAULT_MASK = maskOf([1, 2]);
export const AVAILABLE_MASK = maskOf(BELT.map((entry) => entry.channel));
export const TYPICAL_PERIOD_US = 100_000;
const MIN_PERIOD_US = 10_000;

/** A frame whose payload is a reply's: `98 | length | counter | checksum | command | counter echo | payload`. */
export function replyFrame(counter: number, command: number, echo: number, payload: Uint8Array): Uint8Array {
  const frame = Uint8Array.from([REPLY, 6 + payload.length, counter, 0, command, echo, ...payload]);
  frame[3] = checksumOf(frame);
  return frame;
}

export const statusPayload = (flags: number): Uint8Array => Uint8Array.of(flags, 0, 1, 4, 0x0b, 0, 1, 2, 3, 0, 87, 0);

export function infoPayload(serialNumber: string): Uint8Array {
  const payload = new Uint8Array(152);
  put(payload, 0, 'GDX-RB');
  put(payload, 16, serialNumber);
  put(payload, 32, `GDX-RB ${serialNumber}`);
  put(payload, 88, 'Go Direct Respiration Belt');
  return payload;
}

export function maskPayload(mask: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, mask, true);
  return payload;
}

export function sensorPayload({ channel, isInteger, aperiodic, description, unit }: EmulatedChannel): Uint8Array {
  const payload = new Uint8Array(148);
  const view = new DataView(payload.buffer);
  payload[0] = channel;
  view.setUint32(2, 100 + channel, true);
  payload[6] = isInteger ? 1 : 0;
  payload[7] = aperiodic ? 1 : 0;
  put(payload, 8, description);
  put(payload, 68, unit);
  view.setFloat64(108, -50, true);
  view.setFloat64(116, 50, true);
  view.setUint32(124, MIN_PERIOD_US, true);
  view.setBigUint64(128, 3_600_000_000n, true);
  view.setUint32(136, TYPICAL_PERIOD_US, true);
  view.setUint32(140, 1000, true);
  return payload;
}

function put(payload: Uint8Array, at: number, text: string): void {
  payload.set(new TextEncoder().encode(text), at);
}
