import { describe, expect, test } from 'vitest';
import { encodeNmea, NmeaParser, type NmeaSentence } from './parser.ts';
import { NmeaReader } from './position.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const sentences = (...lines: string[]) =>
  new NmeaParser()
    .push(bytes(lines.map((line) => `${line}\r\n`).join('')))
    .filter((frame) => frame.type === 'sentence') as NmeaSentence[];

describe('vectors of section 4', () => {
  test.each([
    '$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A',
    '$GPRMC,123519.00,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*44',
  ])('%s', (line) => {
    const [sentence] = sentences(line);
    const meaning = new NmeaReader().read(sentence as NmeaSentence);
    expect(meaning).toMatchObject({
      kind: 'RMC',
      valid: true,
      speedKnots: 22.4,
      courseDegrees: 84.4,
      unixMs: Date.UTC(1994, 2, 23, 12, 35, 19),
    });
    expect(meaning).toMatchObject({ latitude: 48 + 7.038 / 60, longitude: 11 + 31 / 60 });
  });
  test('GGA has its date from the RMC before it', () => {
    const reader = new NmeaReader();
    const gga = sentences('$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47')[0] as NmeaSentence;
    expect(reader.read(gga)).toMatchObject({
      fix: 1,
      satellites: 8,
      hdop: 0.9,
      altitudeMetres: 545.4,
      unixMs: Number.NaN,
    });
    reader.read(sentences('$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A')[0] as NmeaSentence);
    expect(reader.read(gga)?.unixMs).toBe(Date.UTC(1994, 2, 23, 12, 35, 19));
  });
  test('ZDA', () => {
    const zda = sentences('$GPZDA,201530.00,04,07,2002,00,00*60')[0] as NmeaSentence;
    expect(new NmeaReader().read(zda)).toEqual({
      kind: 'ZDA',
      utc: '2002-07-04T20:15:30.000Z',
      unixMs: Date.UTC(2002, 6, 4, 20, 15, 30),
    });
  });
  test('no fix: its time is not used, nor that of a ZDA after it', () => {
    const reader = new NmeaReader();
    expect(reader.read(sentences('$GNRMC,,V,,,,,,,,,,N*4D')[0] as NmeaSentence)).toMatchObject({
      valid: false,
      unixMs: Number.NaN,
      latitude: Number.NaN,
    });
    const zda = sentences('$GPZDA,201530.00,04,07,2002,00,00*60')[0] as NmeaSentence;
    expect(reader.read(zda)).toMatchObject({ utc: '', unixMs: Number.NaN });
  });
});

test('the time of day finds its date across midnight', () => {
  const reader = new NmeaReader();
  const read = (body: string) => reader.read(sentences(encodeNmea(body).trim())[0] as NmeaSentence);
  read('GPRMC,235959.900,A,4807.038,N,01131.000,E,0,0,280226,,,A');
  expect(read('GPGGA,000000.100,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,')?.unixMs).toBe(
    Date.UTC(2026, 2, 1, 0, 0, 0, 100),
  );
});

test('an invalid time or date gives no time', () => {
  const reader = new NmeaReader();
  const unixMs = (body: string) => reader.read(sentences(encodeNmea(body).trim())[0] as NmeaSentence)?.unixMs;
  expect(unixMs('GPRMC,245959,A,4807.038,N,01131.000,E,0,0,280226,,,A')).toBeNaN();
  expect(unixMs('GPRMC,125959,A,4807.038,N,01131.000,E,0,0,310226,,,A')).toBeNaN();
  expect(unixMs('GPRMC,,A,4807.038,N,01131.000,E,0,0,010226,,,A')).toBeNaN();
});

describe('damage', () => {
  const good = '$GPZDA,201530.00,04,07,2002,00,00*60\r\n';
  const seen = (text: string) =>
    new NmeaParser()
      .push(bytes(text))
      .map((frame) => (frame.type === 'resync' ? `${frame.reason} ${frame.discardedBytes}` : frame.kind));
  test('a wrong, a missing and half a checksum', () => {
    expect(seen(`${good}$GPZDA,201530.00,04,07,2002,00,00*61\r\n$GPZDA,201530.00\r\n$GPZDA,1*6\r\n${good}`)).toEqual([
      'ZDA',
      'checksum 36',
      'checksum 16',
      'checksum 10',
      'ZDA',
    ]);
  });
  test('a sentence inside a cut-off one is read', () => {
    expect(seen(`${good}$GPRMC,1235${good}`)).toEqual(['ZDA', 'garbage 11', 'ZDA']);
  });
  test('the first line may lack its start; a checksum shows that it is complete', () => {
    expect(seen(`2002,00,00*60\r\n${good}`)).toEqual(['partial-first-line 13', 'ZDA']);
    expect(seen(good)).toEqual(['ZDA']);
  });
  test('encapsulated sentences of an AIS receiver are complete, and skipped', () => {
    expect(seen(`${good}${encodeNmea('AIVDM,1,1,,A,1,0').replace('$', '!')}`)).toEqual(['ZDA', 'VDM']);
  });
  test('endless lines are bounded', () => {
    expect(seen(`${good}${'$'.repeat(100_000)}\r\n${good}`)).toEqual(['ZDA', 'too-long 99999', 'checksum 1', 'ZDA']);
  });
});
