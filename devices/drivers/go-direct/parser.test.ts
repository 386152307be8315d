import { describe, expect, test } from 'vitest';
import { hex } from '../ant-heart-rate/driverBench.ts';
import { decodeMeasurement } from './measurement.ts';
import { checksumOf, GoDirectParser, toReports } from './parser.ts';
import { COMMAND, decodeMask, decodeStatus, encodeCommand, parameters, toOutputReport } from './protocol.ts';

const report = (bytes: Uint8Array): Uint8Array => toReports(bytes)[0] as Uint8Array;

describe('known-good frames of section 3.2', () => {
  test.each([
    [
      'INIT',
      encodeCommand(0xfe, COMMAND.init, parameters.init),
      '58 19 FE 3F 1A A5 4A 06 49 07 48 08 47 09 46 0A 45 0B 44 0C 43 0D 42 0E 41',
    ],
    ['STATUS', encodeCommand(0xfd, COMMAND.status), '58 05 FD 6A 10'],
    ['INFO', encodeCommand(0xfc, COMMAND.info), '58 05 FC AE 55'],
    ['DEFMASK', encodeCommand(0xfb, COMMAND.defaultMask), '58 05 FB AE 56'],
    ['IDS', encodeCommand(0xfa, COMMAND.availableMask), '58 05 FA A8 51'],
    ['SENSOR 1', encodeCommand(0xf9, COMMAND.sensorInfo, parameters.sensorInfo(1)), '58 06 F9 A8 50 01'],
    [
      'PERIOD',
      encodeCommand(0xf8, COMMAND.period, parameters.period(100_000)),
      '58 0F F8 A0 1B FF 00 A0 86 01 00 00 00 00 00',
    ],
    [
      'START',
      encodeCommand(0xf7, COMMAND.start, parameters.start(0x02)),
      '58 13 F7 7C 18 FF 01 02 00 00 00 00 00 00 00 00 00 00 00',
    ],
    ['STOP', encodeCommand(0xf6, COMMAND.stop, parameters.stop), '58 0B F6 6D 19 FF 00 FF FF FF FF'],
    ['DISCONN', encodeCommand(0xf5, COMMAND.disconnect), '58 05 F5 A6 54'],
  ])('%s', (_name, frame, expected) => {
    expect(frame).toEqual(hex(expected));
  });
  test('INIT as a HID write: 00 19, the frame, zeros to 65 bytes', () => {
    const bytes = toOutputReport(encodeCommand(0xfe, COMMAND.init, parameters.init));
    expect([...bytes.subarray(0, 4)]).toEqual([0x00, 0x19, 0x58, 0x19]);
    expect(bytes.length).toBe(65);
    expect(bytes.subarray(27).every((byte) => byte === 0)).toBe(true);
  });
});

describe('replies', () => {
  test('status: firmware 1.4 build 11, 87 %, idle', () => {
    const frame = hex('98 12 01 25 10 FD 00 00 01 04 0B 00 01 02 03 00 57 00');
    expect(new GoDirectParser().push(report(frame))).toEqual([{ type: 'reply', bytes: frame }]);
    expect(decodeStatus(frame)).toEqual({ flags: 0, firmware: '1.4.11', batteryPercent: 87, charger: 'idle' });
  });
  test('real: the mask 36', () => {
    const frame = hex('98 0A 01 27 51 FD 36 00 00 00');
    expect(new GoDirectParser().push(report(frame))).toHaveLength(1);
    expect(decodeMask(frame)).toBe(0x36);
  });
  test('start is acknowledged', () => {
    expect(new GoDirectParser().push(report(hex('98 07 06 B4 18 F7 00')))[0]).toMatchObject({ type: 'reply' });
  });
  test('158 bytes arrive in three reports of 63, 63 and 32', () => {
    const frame = new Uint8Array(158).fill(7);
    frame.set([0x98, 158, 1, 0, 0x55, 0xfc]);
    frame[3] = checksumOf(frame);
    const reports = toReports(frame);
    expect(reports.map((one) => one[0])).toEqual([63, 63, 32]);
    const parser = new GoDirectParser();
    expect(reports.map((one) => parser.push(one).length)).toEqual([0, 0, 1]);
  });
});

describe('measurements of section 3.3', () => {
  const decode = (text: string) => {
    const [frame] = new GoDirectParser().push(report(hex(text)));
    return frame?.type === 'measurement' ? decodeMeasurement(frame.bytes) : null;
  };
  test('real: mask 06, two samples, the second channel not ready', () => {
    const result = decode('20 19 CF D8 06 06 00 02 FC 80 8A 07 BF 00 00 C0 7F 80 31 08 BF 00 00 C0 7F');
    expect(result).toMatchObject({ type: 'samples', counter: 0xcf, channels: [1, 2] });
    const samples = result?.type === 'samples' ? result.samples : [];
    expect(samples.map(([force]) => Number(force?.toFixed(4)))).toEqual([-0.5295, -0.532]);
    expect(samples.map(([, rate]) => rate)).toEqual([Number.NaN, Number.NaN]);
  });
  test('one and two samples of one channel', () => {
    expect(decode('20 0D 10 CF 06 02 00 01 00 00 00 48 41')).toMatchObject({ channels: [1], samples: [[12.5]] });
    expect(decode('20 11 11 60 06 02 00 02 00 00 00 48 41 00 00 4A 41')).toMatchObject({
      channels: [1],
      samples: [[12.5], [12.625]],
    });
  });
  test('wide, single and integer packets, and the notice of lost data', () => {
    const frame = (kind: number, ...rest: number[]) => Uint8Array.from([0x20, 5 + rest.length, 1, 0, kind, ...rest]);
    expect(decodeMeasurement(frame(0x07, 0, 0, 0, 0x80, 1, 0, 0, 0, 0x48, 0x41))).toMatchObject({
      channels: [31],
      samples: [[12.5]],
    });
    expect(decodeMeasurement(frame(0x0a, 0, 5, 1, 0, 0, 0x48, 0x41))).toMatchObject({
      channels: [5],
      samples: [[12.5]],
    });
    expect(decodeMeasurement(frame(0x09, 0, 4, 2, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0))).toMatchObject({
      channels: [4],
      samples: [[-1], [2]],
    });
    expect(decodeMeasurement(frame(0x0d))).toEqual({ type: 'dropped', counter: 1 });
    expect(decodeMeasurement(frame(0x06, 2, 0, 9, 0, 0, 0, 0x48, 0x41))).toBeNull();
  });
});

describe('damage', () => {
  const good = report(hex('20 0D 10 CF 06 02 00 01 00 00 00 48 41'));
  const kinds = (...reports: Uint8Array[]) => {
    const parser = new GoDirectParser();
    return reports
      .flatMap((one) => parser.push(one))
      .map((frame) => (frame.type === 'resync' ? frame.reason : frame.type));
  };
  test('a wrong checksum costs that packet only', () => {
    expect(kinds(report(hex('20 0D 10 CE 06 02 00 01 00 00 00 48 41')), good)).toEqual(['checksum', 'measurement']);
  });
  test('a long reply that lost its middle does not swallow what follows', () => {
    const frame = new Uint8Array(158);
    frame.set([0x98, 158, 1, 0, 0x55, 0xfc]);
    frame[3] = checksumOf(frame);
    const [first, , last] = toReports(frame) as [Uint8Array, Uint8Array, Uint8Array];
    expect(kinds(first, last, good)).toEqual(['garbage', 'garbage', 'measurement']);
    expect(kinds(first, good, good).filter((kind) => kind === 'measurement')).toHaveLength(2);
  });
  test('an impossible length is not a report', () => {
    expect(kinds(new Uint8Array(64), new Uint8Array(64).fill(64), good)).toEqual(['garbage', 'garbage', 'measurement']);
  });
});
