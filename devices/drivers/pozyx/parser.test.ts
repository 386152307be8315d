import { expect, test } from 'vitest';
import { decodeCovariance, decodePosition, decodeRange, decodeSensors, versionText } from './decode.ts';
import { MAX_LINE_BYTES, type PozyxFrame, PozyxParser } from './parser.ts';
import { concat, FUNCTION, functionLine, i32, readLine, u16, writeLine } from './registers.ts';

const feed = (text: string) => new PozyxParser().push(Buffer.from(text, 'latin1'));
const data = (line: string): Uint8Array => {
  const [frame] = feed(`${line}\r\n`);
  if (frame?.type !== 'data') throw new Error(`no data in ${line}`);
  return frame.bytes;
};

/** Worked lines from sensor-protocols 1.5 and 1.6. */
test('requests are written as the worked lines', () => {
  const none = new Uint8Array();
  expect(readLine(0x00, 1)).toBe('R,00,1\r');
  expect(functionLine(FUNCTION.clearDevices, none, 0)).toBe('F,c3,,1\r');
  const anchor = (id: number, x: number, y: number, z: number) => concat(u16(id), new Uint8Array([1]), i32(x, y, z));
  const add = (id: number, x: number, y: number, z: number) => functionLine(FUNCTION.addDevice, anchor(id, x, y, z), 0);
  expect(add(0xa001, 0, 0, 2790)).toBe('F,c4,01a0010000000000000000e60a0000,1\r');
  expect(add(0xa002, 10490, 0, 2790)).toBe('F,c4,02a001fa28000000000000e60a0000,1\r');
  expect(add(0xa003, -405, 6000, 2790)).toBe('F,c4,03a0016bfeffff70170000e60a0000,1\r');
  expect(functionLine(FUNCTION.deviceIds, new Uint8Array([0, 4]), 8)).toBe('F,c0,0004,9\r');
  expect(functionLine(FUNCTION.coordinates, u16(0xa001), 12)).toBe('F,c6,01a0,13\r');
  expect(functionLine(FUNCTION.positioning, u16(1), 0)).toBe('F,b6,0100,1\r');
  expect(functionLine(FUNCTION.positioningData, u16(1), 73)).toBe('F,cc,0100,74\r');
  expect(functionLine(FUNCTION.rangeInfo, u16(0xa001), 10)).toBe('F,c7,01a0,11\r');
  expect(functionLine(FUNCTION.txWrite, new Uint8Array([0, 0, 1]), 0)).toBe('F,b2,000001,1\r');
  expect(functionLine(FUNCTION.txSend, concat(u16(0x6e66), new Uint8Array([2])), 0)).toBe('F,b3,666e02,1\r');
  expect(functionLine(FUNCTION.rxRead, new Uint8Array([0, 12]), 12)).toBe('F,b4,000c,13\r');
  expect(writeLine(0x16, new Uint8Array([0x30]))).toBe('W,16,30\r');
  expect(readLine(0x6c, 21)).toBe('R,6c,21\r');
});

test('the worked replies decode to their numbers', () => {
  expect(data('D,43')).toEqual(new Uint8Array([0x43]));
  expect(decodePosition(data('D,d2040000c9fdffff1a040000'))).toEqual({ x: 1234, y: -567, z: 1050 });
  expect(decodeCovariance(data('D,78005f009001fdff0a000700'))).toEqual([120, 95, 400, -3, 10, 7]);
  expect(decodePosition(data('D,01d2040000c9fdffff1a04000001').subarray(1))).toEqual({ x: 1234, y: -567, z: 1050 });
  expect(decodeRange(data('D,0140e20100800d0000adff').subarray(1))).toEqual({
    timestampMs: 123456,
    distanceMm: 3456,
    rssDbm: -83,
  });
  expect(versionText(0x13)).toBe('1.3');
});

test('the sensor block of 28 and 21 bytes decodes to its units', () => {
  const first = data('D,92a6df05f4ff4500b503400160ff80021000e0ff0000a0051000e0ff');
  const second = data('D,00400000000000000100feff0300f3ff4700b20319');
  expect(first.length + second.length).toBe(49);
  expect(decodeSensors(concat(first, second))).toEqual([
    98543.25, -12, 69, 949, 20, -10, 40, 1, -2, 0, 90, 1, -2, 1, 0, 0, 0, 1, -2, 3, -13, 71, 946, 25,
  ]);
});

test('hex is read in both cases, and an empty reply is data of length 0', () => {
  expect(data('D,ABcd')).toEqual(data('D,abCD'));
  expect(data('D,')).toEqual(new Uint8Array());
});

test('lines that are not replies are classified: an empty line, a text, bad hex, garbage', () => {
  expect(feed('\r\n')).toEqual([{ type: 'text', text: '' }]);
  expect(feed('ERR,what\r\n')).toEqual([{ type: 'text', text: 'ERR,what' }]);
  expect(feed('D,0g\r\n')).toEqual([{ type: 'resync', discardedBytes: 6, reason: 'bad-hex' }]);
  expect(feed('D,012\r\n')).toEqual([{ type: 'resync', discardedBytes: 7, reason: 'bad-hex' }]);
  expect(feed('\xff\x00\n')).toEqual([{ type: 'resync', discardedBytes: 3, reason: 'garbage' }]);
});

test('a reply after garbage without a line end, and one after a reply cut short, are read', () => {
  const good: PozyxFrame = { type: 'data', bytes: new Uint8Array([0x02]) };
  expect(feed('\x00\xffxyzD,02\r\n')).toEqual([{ type: 'resync', discardedBytes: 5, reason: 'garbage' }, good]);
  expect(feed('D,d204D,02\r\n')).toEqual([{ type: 'resync', discardedBytes: 6, reason: 'garbage' }, good]);
});

test('a flood without a line end is counted and dropped, and the reply after it is read', () => {
  const out = feed(`${'x'.repeat(10 * MAX_LINE_BYTES)}D,02\r\n`);
  const discarded = out.reduce((sum, item) => sum + (item.type === 'resync' ? item.discardedBytes : 0), 0);
  expect(discarded).toBe(10 * MAX_LINE_BYTES);
  expect(out.at(-1)).toEqual({ type: 'data', bytes: new Uint8Array([0x02]) });
});

test('a reset discards a partial line', () => {
  const parser = new PozyxParser();
  parser.push(Buffer.from('D,01'));
  parser.reset();
  expect(parser.push(Buffer.from('D,02\r\n'))).toEqual([{ type: 'data', bytes: new Uint8Array([2]) }]);
});
