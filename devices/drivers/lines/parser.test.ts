import { describe, expect, it } from 'vitest';
import { checksum8 } from './checksum.ts';
import { guessColumns, makePlan } from './guess.ts';
import { LinesParser } from './parser.ts';
import type { LinePlan } from './plan.ts';
import { linesSettingsSchema } from './settings.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const plan = (settings: object, lines: string[] = []): LinePlan =>
  makePlan(linesSettingsSchema.parse(settings), lines) as LinePlan;
/** The rows and resyncs of a text whose first line may be incomplete. */
const read = (settings: object, text: string) => {
  const parser = new LinesParser(plan(settings));
  parser.push(bytes('partial\n'));
  return parser.push(bytes(text));
};
const values = (settings: object, text: string) =>
  read(settings, text).flatMap((frame) => (frame.type === 'row' ? [frame.values] : []));
const reasons = (settings: object, text: string) =>
  read(settings, text).map((frame) => (frame.type === 'resync' ? frame.reason : frame.type));

const two = [{ name: 'a' }, { name: 'b' }];

describe('lines of numbers', () => {
  it.each([
    ['csv', '1,2.5\r\n-3,+4e2\n', ','],
    ['tsv', '1\t2.5\n-3\t400\n', '\t'],
    ['semicolon', '1;2,5\n-3;400\n', ';'],
    ['whitespace', '  1   2.5\n-3 \t 400\n', ' '],
  ])('reads %s', (format, text) => {
    expect(values({ format, columns: two }, text)).toEqual([
      [1, 2.5],
      [-3, 400],
    ]);
  });

  it('reads a blank or nan as no value, and a word as a bad line', () => {
    expect(values({ format: 'csv', columns: two }, '1,\n nan ,2\n')).toEqual([
      [1, Number.NaN],
      [Number.NaN, 2],
    ]);
    expect(reasons({ format: 'csv', header: false, columns: two }, '1,2\n1,x2\n1\n3,4\n')).toEqual([
      'row',
      'bad-line',
      'bad-line',
      'row',
    ]);
  });

  it('distinguishes garbage from a bad line', () => {
    const parser = new LinesParser(plan({ format: 'csv', columns: two }));
    parser.push(bytes('partial\n'));
    expect(parser.push(Uint8Array.of(0x80, 0xff, 0x02, 44, 0xfe, 10))).toEqual([
      { type: 'resync', discardedBytes: 5, reason: 'garbage' },
    ]);
  });

  it('picks columns by number and by header, converts types and scales', () => {
    const columns = [
      { name: 'celsius', column: 'temp', scale: 0.01 },
      { name: 'pressed', type: 'boolean', column: 3 },
      { name: 'word', type: 'text', column: 'note' },
    ];
    const text = 'note,temp,button\n"hello, you",2150,ON\n,2160,0\n';
    expect(values({ format: 'csv', columns }, text)).toEqual([
      [21.5, 1, 'hello, you'],
      [21.6, 0, ''],
    ]);
    expect(reasons({ format: 'csv', columns }, 'a,1,on\n')).toEqual(['no-header']);
  });

  it('recognises a repeated header', () => {
    expect(reasons({ format: 'csv', columns: two }, 'a,b\n1,2\na,b\n3,4\n')).toEqual([
      'header',
      'row',
      'header',
      'row',
    ]);
  });

  it('learns a new width only if it persists', () => {
    const text = `1,2,3\n${'1,2\n'}${'1,2,3\n'}${'5,6\n'.repeat(6)}`;
    expect(reasons({ format: 'csv', columns: two }, text)).toEqual([
      'row',
      'bad-line',
      'row',
      'bad-line',
      'bad-line',
      'bad-line',
      'bad-line',
      'row',
      'row',
    ]);
  });

  it('drops a line that is too long, and only that', () => {
    const parser = new LinesParser(plan({ format: 'csv', columns: two }), 64);
    expect(parser.push(bytes(`x\n1,2\n${'9'.repeat(500)}\n3,4\n`)).map((frame) => frame.type)).toEqual([
      'resync',
      'row',
      'resync',
      'row',
    ]);
  });
});

describe('checksums', () => {
  it('knows the published check values', () => {
    // CRC-8/SMBUS of "123456789" is F4; the XOR and sum are easily made by hand.
    expect(checksum8('crc8', bytes('123456789'), 0, 9)).toBe(0xf4);
    expect(checksum8('xor8', bytes('123456789'), 0, 9)).toBe(0x31);
    expect(checksum8('sum8', bytes('123456789'), 0, 9)).toBe(0xdd);
  });

  it('keeps a first line whose checksum is right', () => {
    const line = bytes('7,8');
    const sum = checksum8('crc8', line, 0, 3).toString(16).padStart(2, '0');
    const parser = new LinesParser(plan({ format: 'csv', checksum: 'crc8', columns: two }));
    expect(parser.push(bytes(`7,8,${sum}\n7,9,${sum}\n`))).toEqual([
      { type: 'row', values: [7, 8], deviceTime: Number.NaN, counter: Number.NaN },
      { type: 'resync', discardedBytes: 6, reason: 'checksum' },
    ]);
  });
});

describe('lines with keys', () => {
  it('reads key: value in any order, with units after the numbers', () => {
    const columns = [{ name: 'temp' }, { name: 'hum', key: 'humidity' }];
    expect(values({ format: 'key-value', columns }, 'humidity=40% temp: 21.5C\ntemp: 22\n')).toEqual([
      [21.5, 40],
      [22, null],
    ]);
  });

  it('reads JSON, also nested', () => {
    const columns = [
      { name: 'x', column: 'imu.x' },
      { name: 'second', column: 'list.1' },
      { name: 'on', type: 'boolean' },
    ];
    const settings = { format: 'json', columns, counter: 'n' };
    expect(read(settings, '{"n":4,"imu":{"x":1.5},"list":[1,2],"on":true}\n{"n":\n[]\n')).toEqual([
      { type: 'row', values: [1.5, 2, 1], deviceTime: Number.NaN, counter: 4 },
      { type: 'resync', discardedBytes: 5, reason: 'bad-line' },
      { type: 'resync', discardedBytes: 2, reason: 'bad-line' },
    ]);
  });
});

describe('the guess', () => {
  it('finds format, names, units, a clock and a counter', () => {
    expect(guessColumns(['n;ms;Temp (°C);state', '1;20;21,5;ok', '2;40;21,6;ok', '3;60;21,7;bad'])).toEqual({
      format: 'semicolon',
      delimiter: ';',
      decimal: ',',
      header: true,
      names: ['n', 'ms', 'Temp (°C)', 'state'],
      fitting: [1, 2, 3],
      ownTime: false,
      columns: [
        { name: 'n', unit: '', type: 'number', column: 1 },
        { name: 'ms', unit: '', type: 'number', column: 2 },
        { name: 'Temp', unit: '°C', type: 'number', column: 3, label: 'Temp (°C)' },
        { name: 'state', unit: '', type: 'text', column: 4 },
      ],
      proposals: { deviceTime: { column: 2, tickNs: 1_000_000 }, counter: { column: 1 } },
    });
  });

  it.each([
    [['1.0 2.0 3.0', '1.1 2.1 3.1'], 'whitespace', 3],
    [['512', '513', '514'], 'csv', 1],
    [['{"a":1,"b":{"c":2}}', '{"a":2,"b":{"c":3}}'], 'json', 2],
    [['temp: 21.5, hum: 40', 'temp: 21.6, hum: 41'], 'key-value', 2],
    [['1\t2', '3\t4'], 'tsv', 2],
  ])('%j is %s with %i columns', (lines, format, count) => {
    const guess = guessColumns(lines);
    expect(guess?.format).toBe(format);
    expect(guess?.columns.length).toBe(count);
  });

  it('gives valid column names, each once', () => {
    const names = guessColumns(['9 lives,A b,A-b,ümläut', '1,2,3,4'])?.columns.map((column) => column.name);
    expect(names).toEqual(['c_9_lives', 'A_b', 'A_b_2', 'u_mla_ut']);
  });
});
