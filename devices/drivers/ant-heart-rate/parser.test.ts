import { describe, expect, test } from 'vitest';
import { hex } from './driverBench.ts';
import type { AntFrame } from './parser.ts';
import { AntParser, encodeAnt } from './parser.ts';
import { command, decodeBroadcast, decodeCapabilities, decodeHeartRate, decodeResponse } from './protocol.ts';

const one = (text: string): AntFrame => {
  const frames = new AntParser().push(hex(text));
  expect(frames).toHaveLength(1);
  const frame = frames[0] as AntFrame;
  expect(frame.type).toBe('frame');
  return frame;
};

describe('start-up commands are those of section 2a, byte for byte', () => {
  test.each([
    ['reset', command.reset(), 'A4 01 4A 00 EF'],
    ['capabilities', command.capabilities(), 'A4 02 4D 00 54 BF'],
    ['network key of zeros', command.networkKey(new Uint8Array(8)), 'A4 09 46 00 00 00 00 00 00 00 00 00 EB'],
    ['assign', command.assign(), 'A4 03 42 00 00 00 E5'],
    ['any heart strap', command.channelId(0, 120), 'A4 05 51 00 00 00 78 00 88'],
    ['strap 25170', command.channelId(25170, 120), 'A4 05 51 00 52 62 78 00 B8'],
    ['scan id', command.channelId(0, 0), 'A4 05 51 00 00 00 00 00 F0'],
    ['search timeout', command.searchForever(), 'A4 02 44 00 FF 1D'],
    ['frequency', command.frequency(), 'A4 02 45 00 39 DA'],
    ['period', command.period(), 'A4 03 43 00 86 1F 7D'],
    ['extended', command.extended(), 'A4 02 6E 00 E0 28'],
    ['extended, older', command.extendedOld(), 'A4 02 66 00 01 C1'],
    ['open', command.open(), 'A4 01 4B 00 EE'],
    ['open scan', command.openScan(), 'A4 02 5B 00 01 FC'],
    ['close', command.close(), 'A4 01 4C 00 E9'],
    ['unassign', command.unassign(), 'A4 01 41 00 E4'],
  ])('%s', (_name, bytes, expected) => {
    expect(bytes).toEqual(hex(expected));
  });
});

describe('answers', () => {
  test('capabilities of a real ANTUSB-m: 8 channels, 8 networks, can scan', () => {
    expect(decodeCapabilities(one('A4 08 54 08 08 00 BA 36 00 DF 79 D2'))).toEqual({
      channels: 8,
      networks: 8,
      canScan: true,
    });
  });
  test.each([
    ['A4 03 40 00 46 00 A1', { channel: 0, to: 0x46, code: 0 }],
    ['A4 03 40 00 5B 00 BC', { channel: 0, to: 0x5b, code: 0 }],
    ['A4 03 40 00 01 07 E1', { channel: 0, to: 1, code: 7 }],
    ['A4 03 40 00 01 02 E4', { channel: 0, to: 1, code: 2 }],
    ['A4 03 40 00 01 08 EE', { channel: 0, to: 1, code: 8 }],
    ['A4 03 40 02 01 09 ED', { channel: 2, to: 1, code: 9 }],
    ['A4 03 40 00 4B 15 B9', { channel: 0, to: 0x4b, code: 0x15 }],
  ])('%s', (text, expected) => {
    expect(decodeResponse(one(text))).toEqual(expected);
  });
});

describe('broadcasts', () => {
  const decoded = (text: string) => {
    const broadcast = decodeBroadcast(one(text));
    return { broadcast, rate: broadcast && decodeHeartRate(broadcast.page) };
  };
  test('real: page 4, event E6A5, count 202, 60 bpm, device 25170', () => {
    const { broadcast, rate } = decoded('A4 0E 4E 02 84 FF A5 E2 A5 E6 CA 3C 80 52 62 78 71 D6');
    expect(broadcast).toMatchObject({ channel: 2, deviceNumber: 25170, deviceType: 120 });
    expect(rate).toEqual({ page: 4, toggle: true, eventTicks: 0xe6a5, beatCount: 202, heartRateBpm: 60 });
  });
  test('real: without extended information, and with a time only', () => {
    expect(decoded('A4 09 4E 00 85 01 80 17 F0 3D AC 03 92').broadcast).toEqual({
      channel: 0,
      page: hex('85 01 80 17 F0 3D AC 03'),
    });
    expect(decoded('A4 0C 4E 00 05 01 80 17 F0 3D 90 03 20 95 92 0C').broadcast).toMatchObject({
      receiveTicks: 0x9295,
    });
  });
  test('real: a different device type with AGC RSSI and time is read, with its type', () => {
    const { broadcast } = decoded('A4 14 4E 00 84 7E B6 03 A6 03 98 03 E0 62 36 56 01 10 00 68 00 34 F0 D0');
    expect(broadcast).toMatchObject({ deviceNumber: 0x3662, deviceType: 0x56, receiveTicks: 0xf034 });
    expect(broadcast?.rssiDbm).toBeUndefined();
  });
  test('E0: number, -60 dBm, time', () => {
    const { broadcast, rate } = decoded('A4 13 4E 00 84 FF 00 10 00 14 06 3C E0 39 30 78 01 20 C4 80 34 12 6E');
    expect(broadcast).toMatchObject({ deviceNumber: 12345, deviceType: 120, rssiDbm: -60, receiveTicks: 0x1234 });
    expect(rate).toMatchObject({ eventTicks: 0x1400, beatCount: 6, heartRateBpm: 60 });
  });
  test('all FF in bytes 4 to 7 means no data, and 0 bpm is not a rate', () => {
    expect(decodeHeartRate(hex('84 FF 00 00 FF FF FF FF'))).toBeNull();
    expect(decodeHeartRate(hex('84 FF 00 00 01 00 01 00'))?.heartRateBpm).toBeNaN();
  });
  test('flags that promise more bytes than there are make the frame invalid', () => {
    expect(
      decodeBroadcast({ type: 'frame', id: 0x4e, payload: hex('00 84 FF 00 10 00 14 06 3C E0 39 30') }),
    ).toBeNull();
  });
});

describe('resync', () => {
  const good = 'A4 09 4E 00 04 FF 00 10 00 14 05 3C 25';
  test('a wrong XOR is reported with the next good frame', () => {
    const frames = new AntParser().push(hex(`A4 09 4E 00 04 FF 00 10 00 14 05 3C 26 ${good}`));
    expect(frames.map((f) => (f.type === 'resync' ? [f.reason, f.discardedBytes] : f.type))).toEqual([
      ['checksum', 13],
      'frame',
    ]);
  });
  test('zeros between frames are padding', () => {
    expect(new AntParser().push(hex(`00 00 00 00 00 ${good} 00 00 00 00 00 ${good}`)).map((f) => f.type)).toEqual([
      'frame',
      'frame',
    ]);
  });
  test('a frame that is cut off by the next one costs only itself', () => {
    const frames = new AntParser().push(hex(`A4 09 4E 00 04 ${good} ${good}`));
    expect(frames.filter((f) => f.type === 'frame')).toHaveLength(2);
    expect(frames[0]).toMatchObject({ type: 'resync', discardedBytes: 5 });
  });
  test('impossible lengths are not frames', () => {
    expect(new AntParser().push(hex(`A4 00 A4 29 ${good}`)).map((f) => f.type)).toEqual(['resync', 'frame']);
  });
  test('encode and parse are inverse', () => {
    expect(new AntParser().push(encodeAnt(0x4e, [1, 2, 3]))).toEqual([
      { type: 'frame', id: 0x4e, payload: hex('01 02 03') },
    ]);
  });
});
