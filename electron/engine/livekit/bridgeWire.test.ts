import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodePacket, encodePacket } from '../../common/wire.ts';
import {
  BridgeFrames,
  type BridgeRecorded,
  type BridgeReport,
  dataFrame,
  orderFrame,
  packetFrame,
} from './bridgeWire.ts';

const framed = (body: Uint8Array): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.byteLength);
  return Buffer.concat([head, body]);
};

it('a packet keeps its bytes and gets the bridge handle and engine time', () => {
  const packet = { handle: 3, seq: 7, publisherNs: 5, deviceNs: 9, durationNs: 33, key: true, crc32: 1 };
  const frame = packetFrame(encodePacket({ ...packet, data: new Uint8Array([1, 2, 3]) }), 500, 123_456_789_012_345);
  expect(frame?.readUInt32LE(0)).toBe((frame?.byteLength ?? 0) - 4);
  expect(decodePacket(new Uint8Array(frame?.subarray(4) ?? []))).toMatchObject({
    ...packet,
    handle: 500,
    publisherNs: 123_456_789_012_345,
    data: new Uint8Array([1, 2, 3]),
  });
});

it('bounds of the arrival time are only recorded, not sent', () => {
  const packet = { handle: 3, seq: 7, publisherNs: 5, deviceNs: 9, durationNs: 33, key: false, crc32: 1 };
  const bounds = { earlyUs: 9, lateUs: 9 };
  const frame = packetFrame(encodePacket({ ...packet, bounds, data: new Uint8Array([4, 5]) }), 1, 2);
  expect(frame?.byteLength).toBe(4 + 40 + 2);
  expect([...(frame?.subarray(44) ?? [])]).toEqual([4, 5]);
});

it('a frame of a data track has its timestamp where the bridge looks for it', () => {
  const frame = dataFrame(9, 77n, new TextEncoder().encode('{}'));
  expect([frame[4], frame.readUInt16LE(6), frame.readBigUInt64LE(12), frame.toString('utf8', 20)]).toEqual([
    4,
    9,
    77n,
    '{}',
  ]);
});

it('reports and packets arrive complete, however the pipe splits them', () => {
  const report = Buffer.from(JSON.stringify({ type: 'keyFrame', handle: 4 }));
  const packet = Buffer.alloc(32 + 5, 8);
  packet[0] = 5;
  packet[1] = 1;
  packet.writeUInt16LE(6, 2);
  [1e9, 2e9, 3e7].forEach((value, i) => void packet.writeDoubleLE(value, 8 + 8 * i));
  const bytes = Buffer.concat([framed(report), framed(packet), framed(report)]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.byteLength })), (cuts) => {
      const seen: (BridgeReport | BridgeRecorded)[] = [];
      const frames = new BridgeFrames({ onReport: (r) => seen.push(r), onRecorded: (r) => seen.push(r) });
      const at = [0, ...new Set(cuts), bytes.byteLength].sort((a, b) => a - b);
      at.slice(1).forEach((end, i) => void frames.push(bytes.subarray(at[i], end)));
      expect(seen.map((one) => ('type' in one ? one.type : one.kind))).toEqual(['keyFrame', 'packet', 'keyFrame']);
      expect(seen[1]).toMatchObject({ handle: 6, key: true, timeNs: 1e9, mediaNs: 2e9, durationNs: 3e7 });
    }),
  );
});

it('rejects data that is not of the protocol', () => {
  const frames = new BridgeFrames({ onReport: () => undefined, onRecorded: () => undefined });
  expect(() => frames.push(framed(Buffer.from([99])))).toThrow('kind 99');
  expect(() =>
    new BridgeFrames({ onReport: () => undefined, onRecorded: () => undefined }).push(Buffer.alloc(4)),
  ).toThrow('0 bytes');
});

it('a command is one frame of JSON', () => {
  const frame = orderFrame({ type: 'mute', handle: 1, muted: true });
  expect(JSON.parse(frame.toString('utf8', 4))).toEqual({ type: 'mute', handle: 1, muted: true });
});
