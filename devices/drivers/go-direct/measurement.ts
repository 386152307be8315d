/** Go Direct measurement packets. Source: /shared/sensor-protocols.md section 3.3. NaN is legal: "not ready". */
import { channelsOf } from './protocol.ts';

export interface Measurement {
  type: 'samples';
  /** The device's packet counter. */
  counter: number;
  /** Channels of each sample, ascending. */
  channels: number[];
  /** One row a sample, one value a channel. */
  samples: number[][];
}

export interface Notice {
  /** `dropped`: the device lost data (0D). `other`: start time (0C) and period (0E), whose layouts are not known. */
  type: 'dropped' | 'other';
  counter: number;
}

/** @param frame the whole frame. Null if it is shorter than its length field, or of an unknown type. */
export function decodeMeasurement(frame: Uint8Array): Measurement | Notice | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const [counter, kind] = [frame[2], frame[4]];
  if (counter === undefined || kind === undefined || frame.length < 5) return null;
  switch (kind) {
    case 0x06: // normal: u16 mask at 5, count at 7, f32 from 9 (byte 8: meaning not found)
      return frame.length < 9
        ? null
        : table(view, counter, channelsOf(view.getUint16(5, true)), view.getUint8(7), 9, 'real');
    case 0x07: // wide: u32 mask at 5, count at 9, f32 from 11
      return frame.length < 11
        ? null
        : table(view, counter, channelsOf(view.getUint32(5, true)), view.getUint8(9), 11, 'real');
    case 0x08: // single channel, periodic or not: channel at 6, count at 7, f32 from 8
    case 0x0a:
      return frame.length < 8 ? null : table(view, counter, [view.getUint8(6)], view.getUint8(7), 8, 'real');
    case 0x09: // the same with i32
    case 0x0b:
      return frame.length < 8 ? null : table(view, counter, [view.getUint8(6)], view.getUint8(7), 8, 'integer');
    case 0x0d:
      return { type: 'dropped', counter };
    case 0x0c:
    case 0x0e:
      return { type: 'other', counter };
    default:
      return null;
  }
}

function table(
  view: DataView,
  counter: number,
  channels: number[],
  count: number,
  start: number,
  kind: 'real' | 'integer',
): Measurement | null {
  if (channels.length === 0 || view.byteLength < start + 4 * count * channels.length) return null;
  const samples = Array.from({ length: count }, (_, row) =>
    channels.map((_channel, i) => {
      const at = start + 4 * (row * channels.length + i);
      return kind === 'real' ? view.getFloat32(at, true) : view.getInt32(at, true);
    }),
  );
  return { type: 'samples', counter, channels, samples };
}
