/** Lines as boards print them, beyond those tested over a wire (`test/conformance/cases.test.ts`). */
import { describe, expect, it } from 'vitest';
import type { DriverContext, DriverStream } from '../../driver.ts';
import { Conversation } from './conversation.ts';
import { type LinesSettings, linesSettingsSchema } from './settings.ts';

type Row = (number | string | null)[];
interface Heard {
  columns: string[];
  rows: Row[];
  deviceTimes: (number | undefined)[];
  gaps: [string, number | null][];
}

/** The result of texts, one per opening of the port, split into odd pieces. */
function hear(texts: string | string[], settings: object = {}, encoding: BufferEncoding = 'utf8'): Map<string, Heard> {
  const streams = new Map<string, Heard>();
  const source = { id: 's', label: '' };
  let nowNs = 1e9;
  const stream = (declaration: DriverStream) => {
    const columns = declaration.channels.map(({ name, unit, type }) => `${name}[${unit}] ${type}`);
    const heard = streams.get(declaration.suffix) ?? { columns, rows: [], deviceTimes: [], gaps: [] };
    streams.set(declaration.suffix, heard);
    return {
      sample: ({ values, deviceTime }: { values: readonly unknown[]; deviceTime?: number }) => {
        heard.rows.push(values.map((value) => (Number.isNaN(value) ? null : value)) as Row);
        heard.deviceTimes.push(deviceTime);
      },
      gap: (cause: string, lost: number | null) => void heard.gaps.push([cause, lost]),
    };
  };
  for (const text of [texts].flat()) {
    const context = {
      ...{ source, stream, settings: linesSettingsSchema.parse(settings), link: { path: 'p' }, now: () => nowNs },
      ...{ log: () => undefined, trouble: () => undefined },
    } as unknown as DriverContext<LinesSettings>;
    const conversation = new Conversation(context);
    const bytes = Buffer.from(text, encoding);
    for (let at = 0; at < bytes.length; at += 7) {
      nowNs += 1e6;
      conversation.read(bytes.subarray(at, at + 7), nowNs);
    }
    nowNs += 2e9;
    conversation.tick();
    conversation.end();
  }
  return streams;
}
const times = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\r\n`).join('');
/** Columns and last row of the main stream; the start of the first line may be missing. */
const last = (line: (i: number) => string, encoding?: BufferEncoding): [string[], Row | undefined] => {
  const main = hear(`x\n${times(8, line)}`, {}, encoding).get('');
  return [main?.columns ?? [], main?.rows.at(-1)];
};

describe('number formats used around the world', () => {
  it.each<[string, (i: number) => string, string[], Row]>([
    ['comma and blank', (i) => `2${i},1, 4${i},3`, ['column1[] number', 'column2[] number'], [27.1, 47.3]],
    [
      'commas with blanks between integers',
      (i) => `${i}, 4${i}, 7`,
      ['column1[] number', 'column2[] number', 'column3[] number'],
      [7, 47, 7],
    ],
    ['semicolons', (i) => `2${i},5;40,${i}`, ['column1[] number', 'column2[] number'], [27.5, 40.7]],
    ['blanks', (i) => `2${i},5 40,${i}`, ['column1[] number', 'column2[] number'], [27.5, 40.7]],
    ['bars', (i) => `1|2.${i}|3`, ['column1[] number', 'column2[] number', 'column3[] number'], [1, 2.7, 3]],
    ['points between thousands', (i) => `1.23${i},5\t4`, ['column1[] number', 'column2[] number'], [1237.5, 4]],
    ['commas between thousands', (i) => `1,23${i}.5\t4`, ['column1[] number', 'column2[] number'], [1237.5, 4]],
    ['the sign of typographers', (i) => `−${i}.5\t4`, ['column1[] number', 'column2[] number'], [-7.5, 4]],
    ['exponents with a comma', (i) => `1,5e-${i + 1};2`, ['column1[] number', 'column2[] number'], [1.5e-8, 2]],
    ['units behind blanks', (i) => `2${i}.5 °C;4 %`, ['column1[°C] number', 'column2[%] number'], [27.5, 4]],
    [
      'quoted words with commas',
      (i) => `${i},"hello, you",3`,
      ['column1[] number', 'column2[] text', 'column3[] number'],
      [7, 'hello, you', 3],
    ],
  ])('%s', (_, line, columns, row) => expect(last(line)).toEqual([columns, row]));

  it('reads a degree sign in Latin-1', () => {
    expect(last((i) => `T: 2${i}.5\xb0C`, 'latin1')).toEqual([['T[°C] number'], [27.5]]);
  });

  it('stores what a float64 can represent exactly, and rejects the rest with a reason', () => {
    const heard = hear(
      `x\n${times(6, (i) => `${i},1.5,2`)}6,1e309,3\n7,inf,3\n8,9007199254740993,3\n9,1e308,3\n10,1e-400,3\n`,
    );
    expect(heard.get('')?.rows.slice(6)).toEqual([
      [7, null, 3],
      [9, 1e308, 3],
    ]);
    expect(heard.get('text')?.rows).toEqual([
      ['6,1e309,3', 'bad-line'],
      ['7,inf,3', 'bad-field'],
      ['8,9007199254740993,3', 'bad-line'],
      ['10,1e-400,3', 'bad-line'],
    ]);
    expect(last((i) => `${i},1234567890123456789${i}`)).toEqual([
      ['column1[] number', 'column2[] text'],
      [7, '12345678901234567897'],
    ]);
  });

  it('the same in JSON, where an invalid field loses only that field', () => {
    const heard = hear(
      `${times(6, (i) => `{"a":${i},"b":2}`)}{"a":1e309,"b":3}\n{"a":9007199254740993,"b":4}\n{"a":"ERR","b":5}\n`,
    );
    expect(heard.get('')?.rows.slice(6)).toEqual([
      [null, 3],
      [null, 4],
      [null, 5],
    ]);
    expect(heard.get('text')?.rows.length).toBe(3);
  });

  it('does not accept a value with another unit', () => {
    const heard = hear(`x\n${times(6, (i) => `9${i}0 mV,3`)}1.2 V,3\n`);
    expect(heard.get('')?.rows.length).toBe(6);
    expect(heard.get('text')?.rows).toEqual([['1.2 V,3', 'bad-line']]);
  });
});

describe('names and times', () => {
  it.each<[string, (i: number) => string, string[], Row]>([
    [
      'lists behind keys',
      (i) => `Accel: 0.1 -0.2 9.${i}  Gyro: 1,2,${i}`,
      ['Accel[] number', 'Accel_2[] number', 'Accel_3[] number', 'Gyro[] number', 'Gyro_2[] number', 'Gyro_3[] number'],
      [0.1, -0.2, 9.7, 1, 2, 7],
    ],
    [
      'two units of one key',
      (i) => `Humidity: 55.${i}%  Temperature: 20.${i}°C 68.0°F`,
      ['Humidity[%] number', 'Temperature[°C] number', 'Temperature_2[°F] number'],
      [55.7, 20.7, 68],
    ],
    [
      'the star that stands for a degree',
      (i) => `Humidity: 40.${i} %\tTemperature: 20.0 *C`,
      ['Humidity[%] number', 'Temperature[°C] number'],
      [40.7, 20],
    ],
    [
      'a time in brackets before keys',
      (i) => `[12:59:50.${i}] temp=21.${i} hum=40`,
      ['time[] text', 'temp[] number', 'hum[] number'],
      ['12:59:50.7', 21.7, 40],
    ],
    [
      'a time as a value, and words',
      (i) => `time: 12:59:5${i}, temp: 2${i}.5, state: not ready`,
      ['time[] text', 'temp[] number', 'state[] text'],
      ['12:59:57', 27.5, 'not ready'],
    ],
    [
      'a date before keys',
      (i) => `2026-11-30T12:59:5${i}Z temp=2${i}`,
      ['time[] text', 'temp[] number'],
      ['2026-11-30T12:59:57Z', 27],
    ],
    [
      'a date and a time between blanks',
      (i) => `2026-11-30 12:59:5${i} 21.${i} 40`,
      ['time[] text', 'time_2[] text', 'column3[] number', 'column4[] number'],
      ['2026-11-30', '12:59:57', 21.7, 40],
    ],
    [
      'keys with several words',
      (i) => `Heart Rate: 7${i}, Skin Temp [C]: 33,5`,
      ['Heart_Rate[] number', 'Skin_Temp[C] number'],
      [77, 33.5],
    ],
    ['keys in turn', (i) => (i % 2 ? `hum: 4${i}` : `temp: 2${i}`), ['temp[] number', 'hum[] number'], [null, 47]],
    [
      'an address that is not a key',
      (i) => `url: http://a.b/c, n: ${i}`,
      ['url[] text', 'n[] number'],
      ['http://a.b/c', 7],
    ],
  ])('%s', (_, line, columns, row) => expect(last(line)).toEqual([columns, row]));

  it('several Teleplot points in a line are several rows, each with its time; texts are kept', () => {
    const main = hear(times(4, (i) => `>a:100${i}:1.${i}\r\n>b:100${i}:${i};200${i}:7|g\r\n>say:hello|t`)).get('');
    expect(main?.columns).toEqual(['a[] number', 'b[] number', 'say[] text']);
    expect(main?.rows.slice(-4)).toEqual([
      [1.3, null, null],
      [null, 3, null],
      [null, 7, null],
      [null, null, 'hello'],
    ]);
    expect(main?.deviceTimes.slice(-4)).toEqual([1003, 1003, 2003, undefined]);
  });
});

describe('the columns of a session', () => {
  it('stay, and further values get a separate stream', () => {
    const heard = hear(`x\n${times(8, (i) => `a: ${i}, b: 1`)}${times(8, (i) => `a: ${i}, b: 1, c: ${i}0`)}`);
    expect(heard.get('')?.columns).toEqual(['a[] number', 'b[] number']);
    expect(heard.get('')?.rows.length).toBe(16);
    expect(heard.get('layout-2')?.columns).toEqual(['c[] number']);
    expect(heard.get('layout-2')?.rows).toEqual(Array.from({ length: 8 }, (_, i) => [i * 10]));
  });

  it('of two alternating kinds of lines are two streams, and no row is lost', () => {
    const heard = hear(`x\n${times(12, (i) => `${i},1.5,2\r\n${i},7`)}`);
    expect(heard.get('')?.rows.length).toBe(12);
    expect(heard.get('layout-2')?.rows.length).toBe(12);
  });

  it('of a line that becomes wider stay, and the wider ones are recorded completely', () => {
    const heard = hear(`x\n${times(8, (i) => `${i},1`)}${times(8, (i) => `${i},1,2`)}`);
    expect(heard.get('')?.rows.length).toBe(8);
    expect(heard.get('layout-2')?.rows).toEqual(Array.from({ length: 8 }, (_, i) => [i, 1, 2]));
  });

  it('go with their header, whenever the port is reopened', () => {
    const heard = hear([
      `t,a\n${times(8, (i) => `${i},1`)}`,
      `u,v\n${times(8, (i) => `${i},9`)}`,
      times(8, (i) => `${i},5`),
      `t,a\n${times(5, (i) => `${i},6`)}`,
      `a\n${times(5, (i) => `${i},7`)}`,
    ]);
    expect(heard.get('')?.columns).toEqual(['t[] number', 'a[] number']);
    expect(new Set(heard.get('')?.rows.map((row) => row[1]))).toEqual(new Set([1, 6, 7]));
    expect(heard.get('layout-2')?.columns).toEqual(['u[] number', 'v[] number']);
    // Without a header the board continues with what it printed last.
    expect(new Set(heard.get('layout-2')?.rows.map((row) => row[1]))).toEqual(new Set([9, 5]));
  });

  it('that a kit names are the only ones', () => {
    const columns = [{ name: 'b', key: 'b' }];
    const heard = hear(`x\n${times(8, (i) => `a: ${i}, b: ${i}, c: 3`)}`, { format: 'key-value', columns });
    expect([...heard.keys()]).toEqual(['']);
    expect(heard.get('')?.rows.length).toBe(8);
  });

  it('are not decided by words: prose between the rows is kept as text', () => {
    const heard = hear(`12\n${times(6, (i) => `51${i}`)}sensor fault\nError, sensor not found\n517\n`);
    expect(heard.get('')?.rows.length).toBe(7);
    expect(heard.get('text')?.rows.map(([line]) => line)).toEqual(['sensor fault', 'Error, sensor not found']);
  });

  it('a comment is kept, and a board that prints only text loses no line', () => {
    const heard = hear(`# calibrated\n${times(3, () => 'still warming up')}`);
    expect(heard.get('text')?.rows.map(([line]) => line)).toEqual([
      '# calibrated',
      ...Array(3).fill('still warming up'),
    ]);
  });
});

it('line ends of any kind and mix are recognised', () => {
  expect(hear('x\n1,2\r3,4\n5,6\r\n7,8\n\r9,10\r\r\n11,12\n').get('')?.rows).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
    [9, 10],
    [11, 12],
  ]);
});
