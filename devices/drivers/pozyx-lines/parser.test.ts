import { expect, test } from 'vitest';
import { type LineFrame, readLine } from './lineForms.ts';
import { PozyxLinesParser } from './parser.ts';

const at = { x: 1234, y: -567, z: 1050 };
const position = (id: number): LineFrame => ({ type: 'position', id, ...at });

/** Lines from sensor-protocols 1.9. */
const vectors: [string, LineFrame][] = [
  ['POS,0x6012,1234,-567,1050', position(0x6012)],
  ['POS,0x0,1234,-567,1050', position(0)],
  ['POS ID 0x6012, x(mm): 1234, y(mm): -567, z(mm): 1050', position(0x6012)],
  ['POS, x(mm): 1234, y(mm): -567, z(mm): 1050', position(0)],
  ['x_mm: 1234\ty_mm: -567\tz_mm: 1050', position(0)],
  [
    'POS,0x6012,1234,-567,1050,120,95,400,-3,10,7,3456,-83,2100,-80',
    {
      ...(position(0x6012) as Extract<LineFrame, { type: 'position' }>),
      covariance: [120, 95, 400, -3, 10, 7],
      ranges: [
        { distanceMm: 3456, rssDbm: -83 },
        { distanceMm: 2100, rssDbm: -80 },
      ],
    },
  ],
  ['ANCHOR,0x1156,0,0,1500', { type: 'anchor', id: 0x1156, x: 0, y: 0, z: 1500 }],
  ['123456ms, 3456mm, -83dBm', { type: 'range', timestampMs: 123456, distanceMm: 3456, rssDbm: -83 }],
];
const errors: [string, number, number | null][] = [
  ['ERROR positioning, local error code: 0xA', 0, 0x0a],
  ['ERROR positioning on ID 0x6012, error code: 0x11', 0x6012, 0x11],
  ["ERROR positioning, couldn't retrieve remote error code, local error: 0x17", 0, 0x17],
  ['ERROR: Unable to connect to POZYX shield', 0, null],
];

test.each(vectors)('%s', (line, frame) => {
  expect(readLine(line)).toEqual(frame);
});

test.each(errors)('%s', (line, id, code) => {
  expect(readLine(line)).toEqual({ type: 'error', id, code, text: line });
});

test('the orientation line is 29 integers: time, 24 registers, 4 calibrations', () => {
  const numbers = Array.from({ length: 29 }, (_, i) => i - 3);
  expect(readLine(numbers.join(','))).toEqual({
    type: 'orientation',
    stepMs: -3,
    registers: numbers.slice(1, 25),
    calibration: numbers.slice(25),
  });
  expect(readLine(numbers.slice(1).join(','))).toBeNull();
});

test('headings are notes, lines that began like data are missed samples', () => {
  const parser = new PozyxLinesParser();
  const text = [
    'Anchors found: 4',
    '----------POZYX POSITIONING V1.1----------',
    'NOTES:',
    'list size: 4',
    'POS,0x6012,12x4,-567,1050',
    'POS,0x6012,1234,-567,1050,120,95',
    '1,2,3',
    '\xff\xfe',
    '',
  ].join('\r\n');
  expect(
    parser.push(Buffer.from(text, 'latin1')).map((frame) => (frame.type === 'resync' ? frame.reason : frame.type)),
  ).toEqual(['note', 'note', 'note', 'note', 'bad-line', 'bad-line', 'bad-line', 'garbage']);
});

test('a first line that may have lost its start is not read as a range', () => {
  const parser = new PozyxLinesParser();
  const line = Buffer.from('456ms, 3456mm, -83dBm\r\n');
  expect(parser.push(line)).toEqual([{ type: 'resync', discardedBytes: line.length, reason: 'partial-first-line' }]);
  expect(parser.push(line)).toMatchObject([{ type: 'range', timestampMs: 456 }]);
});

test('a first line that lost its start is not a heading', () => {
  for (const line of ['012,1234,-567,1050', 'D 0x6012, x(mm): 1234, y(mm): -567, z(mm): 1050', ',5']) {
    const [frame] = new PozyxLinesParser().push(Buffer.from(`${line}\r\n`));
    expect(frame).toMatchObject({ type: 'resync', reason: 'partial-first-line' });
  }
});

test('a position after garbage or after a line cut short is read', () => {
  const parser = new PozyxLinesParser();
  parser.push(Buffer.from('\n'));
  expect(parser.push(Buffer.from('POS,0x6012,12POS,0x6012,1234,-567,1050\r\n'))).toEqual([
    { type: 'resync', discardedBytes: 13, reason: 'garbage' },
    position(0x6012),
  ]);
});
