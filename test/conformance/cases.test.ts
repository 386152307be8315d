/** Small inputs as boards in the field print them, over a real serial port, and the values that a session must contain. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { encodeNmea } from '../../devices/drivers/nmea/parser.ts';
import { WireBench } from './wireBench.ts';

const times = (count: number, line: (i: number) => string, end = '\r\n'): string =>
  Array.from({ length: count }, (_, i) => line(i) + end).join('');
const one = (value: number): number => Math.round(value * 10) / 10;
const tenths = (i: number): string =>
  String(i / 10 + 20).includes('.') ? String(one(i / 10 + 20)) : `${20 + i / 10}.0`;
const comma = (text: string): string => text.replace('.', ',');

interface LinesCase {
  name: string;
  input: string;
  columns: string[];
  rows: (number | string | null)[][];
  /** Causes of the gaps of the main stream. */
  gaps?: string[];
  /** Lines that were kept as text, with the reason. */
  text?: [string, string][];
  deviceTimes?: number[];
}

const BOOT = [
  'ets Jun  8 2016 00:22:57',
  'rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)',
  'configsip: 0, SPIWP:0xee',
  'clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00',
  'mode:DIO, clock div:1',
  'load:0x3fff0030,len:1184',
  'load:0x40078000,len:13232',
  'load:0x40080400,len:3028',
  'entry 0x400805e4',
];
const BANNER = ['Sketch: light logger v1.2', 'Initializing sensor...', 'OK', 'Starting', 'ready'];
const logger = (i: number): string => `${i * 20},${512 + i},${(i / 100).toFixed(2)}`;
const logged = (count: number): number[][] => Array.from({ length: count }, (_, i) => [i * 20, 512 + i, i / 100]);
const three = ['column1 number', 'column2 number', 'column3 number'];

const lines: LinesCase[] = [
  {
    name: 'decimal commas behind keys',
    input: `x\n${times(30, (i) => `Temp: ${comma(tenths(i))} C; Hum: ${comma(tenths(i + 200))} %`)}`,
    columns: ['Temp [C] number', 'Hum [%] number'],
    rows: Array.from({ length: 30 }, (_, i) => [one(20 + i / 10), one(40 + i / 10)]),
  },
  {
    name: 'decimal commas between tabs',
    input: `x\n${times(30, (i) => `${comma(tenths(i))}\t${comma(tenths(i + 200))}`)}`,
    columns: ['column1 number', 'column2 number'],
    rows: Array.from({ length: 30 }, (_, i) => [one(20 + i / 10), one(40 + i / 10)]),
  },
  {
    name: 'quoted decimal commas',
    input: `x\n${times(20, (i) => `"${comma(tenths(i))}","40,${i % 10}"`)}`,
    columns: ['column1 number', 'column2 number'],
    rows: Array.from({ length: 20 }, (_, i) => [one(20 + i / 10), one(40 + (i % 10) / 10)]),
  },
  {
    name: 'a time in the first column, over the hour',
    input: `,21.0,40.0\n${times(30, (i) => `2026-11-30T${i < 10 ? '12:59:5' : `13:00:${Math.floor((i - 10) / 10)}`}${i % 10}.250,${tenths(i)},${i}.5`)}`,
    columns: ['time text', 'column2 number', 'column3 number'],
    rows: Array.from({ length: 30 }, (_, i) => [
      `2026-11-30T${i < 10 ? '12:59:5' : `13:00:${Math.floor((i - 10) / 10)}`}${i % 10}.250`,
      one(20 + i / 10),
      i + 0.5,
    ]),
  },
  {
    name: 'keys with dots and units',
    input: `x\n${times(20, (i) => `W.AvgPow(W):0.${50 + i},W.State:0.${10 + i}`)}`,
    columns: ['W_AvgPow [W] number', 'W_State number'],
    rows: Array.from({ length: 20 }, (_, i) => [(50 + i) / 100, (10 + i) / 100]),
  },
  {
    name: 'Teleplot with its time',
    input: `x\n${times(20, (i) => `>temp:${1_627_551_892_437 + i * 100}:${tenths(i)}§C`)}`,
    columns: ['temp [C] number'],
    rows: Array.from({ length: 20 }, (_, i) => [one(20 + i / 10)]),
    deviceTimes: Array.from({ length: 20 }, (_, i) => 1_627_551_892_437 + i * 100),
  },
  {
    name: 'a banner before the rows',
    input: `45,0.31\r\n${BANNER.join('\r\n')}\r\n${times(30, logger)}`,
    columns: three,
    rows: logged(30),
    text: BANNER.map((line) => [line, 'bad-line']),
  },
  {
    name: "an ESP32's boot log before the rows",
    input: `${BOOT.join('\r\n')}\r\n${times(30, logger)}`,
    columns: three,
    rows: logged(30),
    text: BOOT.map((line) => [line, 'status']),
  },
  {
    name: 'status lines between the rows',
    input: `x\n${times(20, (i) => (i % 3 === 1 ? `INFO: sensor ok, battery 87%\r\n${i},${tenths(i)}` : `${i},${tenths(i)}`))}`,
    columns: ['column1 number', 'column2 number'],
    rows: Array.from({ length: 20 }, (_, i) => [i, one(20 + i / 10)]),
    text: Array.from({ length: 7 }, () => ['INFO: sensor ok, battery 87%', 'status']),
  },
  {
    name: 'units in the cells',
    input: `x\n${times(20, (i) => `${tenths(i)} C,${40 + i} %,${1000 + i} lx`)}`,
    columns: ['column1 [C] number', 'column2 [%] number', 'column3 [lx] number'],
    rows: Array.from({ length: 20 }, (_, i) => [one(20 + i / 10), 40 + i, 1000 + i]),
  },
  {
    name: 'lines that end with CR alone',
    input: times(200, (i) => `${i},${tenths(i)}`, '\r'),
    columns: ['column1 number', 'column2 number'],
    rows: Array.from({ length: 200 }, (_, i) => [i, one(20 + i / 10)]),
  },
];

describe.concurrent('lines', () => {
  it.each(lines)('$name', async ({ input, columns, rows, gaps = [], text = [], deviceTimes }) => {
    await using bench = new WireBench();
    await bench.use('lines', {});
    await bench.say(input);
    await bench.until(rows.length);
    expect(bench.columns()).toEqual(columns);
    expect(bench.rows()).toEqual(rows);
    expect(bench.rows('text')).toEqual(text);
    expect(bench.gaps().map(({ cause }) => cause)).toEqual(gaps);
    if (deviceTimes) expect(bench.deviceTimes()).toEqual(deviceTimes);
    expect(bench.recorder.states.filter(({ code }) => code === 'device.garbage')).toEqual([]);
  });

  it('counts every line of a run of bad ones', async () => {
    await using bench = new WireBench();
    const columns = [{ name: 'n' }, { name: 'v' }];
    await bench.use('lines', { format: 'csv', header: false, columns });
    for (let run = 0; run < 2; run += 1) {
      await bench.say(times(5, (i) => `${i},${20 + i}`));
      await sleep(1200);
      await bench.say(times(5, (i) => `${i + 5},${25 + i}`));
      // Longer than a second, so that the run is reported in parts.
      for (let part = 0; part < 6; part += 1) {
        await bench.say(times(10, (i) => `${part * 10 + i},ERR`));
        await sleep(300);
      }
    }
    await bench.say(times(10, (i) => `${i},${20 + i}`));
    await bench.until(30);
    await sleep(1200);
    expect(bench.gaps().map(({ cause, lost }) => [cause, lost])).toEqual([
      ['bad-line', 60],
      ['bad-line', 60],
    ]);
  });

  it('does not call a slow sensor silent', async () => {
    // Time scaled by five: a sensor of one line in eight seconds, with the default silence limit of five seconds.
    await using bench = new WireBench(1_000);
    await bench.use('lines', { format: 'key-value', nominalRateHz: 0.625, columns: [{ name: 'co2' }] });
    for (let i = 0; i < 5; i += 1) {
      await bench.say(`co2: ${600 + i} ppm\r\n`);
      await sleep(1_600);
    }
    expect(bench.rows().map(([value]) => value)).toEqual([600, 601, 602, 603, 604]);
    expect(bench.gaps()).toEqual([]);
    expect(bench.recorder.states.map(({ state }) => state)).not.toContain('silent');
  });

  it('keeps the stream of a board that printed its header once, over a break of its link', async () => {
    await using bench = new WireBench();
    await bench.use('lines', {});
    await bench.say(`t,light\n${times(10, (i) => `${i},${i * 2}`)}`);
    await bench.until(10);
    await bench.unplug();
    await bench.plug();
    await bench.opened();
    await bench.say(`4,84\n${times(10, (i) => `${i + 43},${i * 2}`)}`);
    await bench.until(20);
    expect([...bench.recorder.streams.keys()]).toEqual(['one']);
    expect(bench.columns()).toEqual(['t number', 'light number']);
    expect(bench.gaps().map(({ cause }) => cause)).toEqual(['device-lost']);
  });

  it('records another program on the board under its own names', async () => {
    await using bench = new WireBench();
    await bench.use('lines', {});
    await bench.say(`t,light\n${times(10, (i) => `${i},${i * 2}`)}`);
    await bench.until(10);
    await bench.unplug();
    await bench.plug();
    await bench.opened();
    await bench.say(`pressure,hum\n${times(10, (i) => `${900 + i},${i}`)}`);
    await bench.until(10, 'layout-2');
    expect(bench.rows().length).toBe(10);
    expect(bench.columns('layout-2')).toEqual(['pressure number', 'hum number']);
    expect(bench.recorder.streams.get('one-layout-2')?.stream.facts.reason).toBe('The device printed another header.');
  });
});

const rmc = (i: number, latitude = '4717.11437', longitude = '00833.91522,E'): string =>
  `GPRMC,1200${String(i).padStart(2, '0')}.00,A,${latitude},N,${longitude},0.13,309.62,301126,,A`;
const gga = (talker: string, i: number, latitude: string): string =>
  `${talker}GGA,12000${i}.00,${latitude},N,00833.91522,E,1,08,1.01,499.6,M,48.0,M,,`;
const ubx = (seed: number): Uint8Array =>
  Uint8Array.from({ length: 308 }, (_, i) => [0xb5, 0x62, 1, 7][i] ?? (i * 7 + seed) % 256);

describe.concurrent('GPS receivers', () => {
  const position = [47 + 17.11437 / 60, 8 + 33.91522 / 60];

  it('end their lines with LF CR', async () => {
    await using bench = new WireBench();
    await bench.use('nmea', {});
    for (let i = 0; i < 20; i += 1) await bench.say(encodeNmea(rmc(i)).replace('\r\n', '\n\r'));
    await bench.until(20);
    expect(bench.rows().map((row) => row.slice(1, 3))).toEqual(Array.from({ length: 20 }, () => position));
    expect(bench.gaps()).toEqual([]);
  });

  it('leave zeros out of the degrees', async () => {
    await using bench = new WireBench();
    await bench.use('nmea', {});
    const printed = ['00008.844957', '008.844957', '08.844957', '8.844957', '28.844957', '159.931976', '.844957'];
    for (const [i, longitude] of printed.entries()) await bench.say(encodeNmea(rmc(i, '5130.00000', `${longitude},W`)));
    await bench.until(7);
    const expected = [
      8.844957 / 60,
      8.844957 / 60,
      8.844957 / 60,
      8.844957 / 60,
      28.844957 / 60,
      1 + 59.931976 / 60,
      0.844957 / 60,
    ];
    for (const [i, row] of bench.rows().entries()) expect(row[2]).toBeCloseTo(-(expected[i] as number), 10);
  });

  it('send no checksums: they are read, and marked', async () => {
    await using bench = new WireBench();
    await bench.use('nmea', {});
    for (let i = 0; i < 15; i += 1) await bench.say(`$${rmc(i)}\r\n`);
    await bench.until(15);
    expect(bench.rows().length).toBe(15);
    expect(bench.recorder.streams.get('one')?.stream.facts.checksum).toContain('none');
  });

  it('send binary data in between', async () => {
    await using bench = new WireBench();
    await bench.use('nmea', {});
    for (let i = 0; i < 10; i += 1) {
      await bench.say(ubx(i));
      await bench.say(encodeNmea(rmc(i)) + encodeNmea(gga('GP', i, '4717.11437')));
    }
    await bench.until(10, 'fix');
    expect([bench.rows().length, bench.rows('fix').length]).toEqual([10, 10]);
    expect(new Set(bench.gaps().map(({ cause }) => cause))).toEqual(new Set(['garbage']));
    expect(bench.deviceTimes()).toEqual(Array.from({ length: 10 }, (_, i) => Date.UTC(2026, 10, 30, 12, 0, i)));
  });

  it('send a fix for each satellite system, and each is identified', async () => {
    await using bench = new WireBench();
    await bench.use('nmea', {});
    for (let i = 0; i < 6; i += 1)
      await bench.say(
        ['GP:4717.11437', 'GL:4717.20000', 'BD:4717.30000']
          .map((one) => encodeNmea(gga(one.slice(0, 2), i, one.slice(3))))
          .join('') + encodeNmea(rmc(i)),
      );
    await bench.until(6, 'fix-bd');
    const minutes = (suffix: string) =>
      new Set(bench.rows(suffix).map((row) => (((row[1] as number) - 47) * 60).toFixed(5)));
    expect(['fix', 'fix-gl', 'fix-bd'].map((suffix) => [...minutes(suffix)])).toEqual([
      ['17.11437'],
      ['17.20000'],
      ['17.30000'],
    ]);
  });
});
