/** Identifying an unknown port: the emulators on real pseudo terminals, and the drivers suggested for them. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Heard } from '../../electron/common/heard.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import { hostClock } from '../clock.ts';
import { type EmulatedKit, startEmulators } from '../emulate.ts';
import { drivers } from '../registry.ts';
import { openSerial } from '../transports/serial.ts';
import { listenTo } from './listen.ts';

const DEVICES = ['nmea', 'lines', 'pozyx-lines', 'pulse-lines', 'pozyx'];
let emulated: EmulatedKit;
let heard: Map<string, Heard>;

// All at once: each waits for its device most of the time.
beforeAll(async () => {
  const sources = DEVICES.map((driver) => ({
    id: driver,
    kind: 'serial',
    driver,
    match: { path: `emulator:${driver}` },
  }));
  emulated = await startEmulators(kitSchema.parse({ name: 'k', sources }));
  const { now } = hostClock();
  const all = emulated.kit.sources.map(async ({ id, match }): Promise<[string, Heard]> => {
    const path = match.path as string;
    const open = (baudRate: number) => openSerial({ path, baudRate, now });
    return [id, await listenTo({ path, drivers, now, open })];
  });
  heard = new Map(await Promise.all(all));
});
afterAll(() => emulated.stop());

it.each(DEVICES.filter((id) => id !== 'pozyx'))('offers first the driver that the device is made for: %s', (id) => {
  const [first] = heard.get(id)?.readings ?? [];
  expect(first?.driver).toBe(id);
  expect(first?.streams[0]?.channels.length).toBeGreaterThan(0);
});

it('recognises a GPS receiver and its baud rate', () => {
  const [first] = heard.get('nmea')?.readings ?? [];
  expect(first?.settings).toEqual({ baudRate: 115_200 });
  const position = first?.streams.find(({ label }) => label.startsWith('Position'));
  expect(position?.channels.map(({ name }) => name)).toEqual(['valid', 'latitude', 'longitude', 'speed', 'course']);
  const truth = emulated.emulators.get('nmea')?.truth.findLast(({ values }) => values.length === 5);
  expect(position?.channels[1]?.last).toBeCloseTo(Number(truth?.values[1]), 2);
  expect(heard.get('nmea')?.text).toContain('$G');
});

it('shows the lines beside their columns, and returns the columns to keep', () => {
  const [first] = heard.get('lines')?.readings ?? [];
  const { format, columns } = (first?.settings ?? {}) as { format?: string; columns?: { type: string }[] };
  expect([format, columns?.map(({ type }) => type)]).toEqual(['csv', ['number', 'number', 'number']]);
  const rows = first?.rows.filter(({ values }) => values.length > 0) ?? [];
  expect(rows.length).toBeGreaterThan(3);
  for (const { line, values } of rows) expect(line.split(',').map(Number)).toEqual(values);
});

it('guesses nothing for a device that waits for a request', () => {
  expect(heard.get('pozyx')).toMatchObject({ baudRate: null, bytes: 0, readings: [] });
});
