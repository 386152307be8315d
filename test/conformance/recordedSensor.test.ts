/** A sensor on a real serial port, through the device host's own process and the engine, into the sealed session. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { startEmulators } from '../../devices/emulate.ts';
import { parseKit } from '../../electron/common/kit.ts';
import { testEngine } from '../fixtures/engine.ts';
import { waitFor } from '../fixtures/wait.ts';

const kit = parseKit(
  JSON.stringify({
    name: 'One line sensor',
    study: 'test',
    sources: [
      {
        id: 'light',
        kind: 'serial',
        driver: 'lines',
        match: { path: 'emulator:lines?rate=200' },
        settings: {
          format: 'csv',
          checksum: 'crc8',
          columns: [
            { name: 'count', type: 'integer', column: 1 },
            { name: 'light', unit: 'V', column: 3 },
          ],
          deviceTime: { column: 2, tickNs: 1e6 },
          counter: 1,
        },
      },
      { id: 'nothing', kind: 'serial', driver: 'does-not-exist', match: { path: '/dev/null' } },
    ],
  }),
  'test kit',
);

it('records a serial device row for row while a broken source beside it reports its error', async () => {
  await using test = await testEngine({ deviceHost: true });
  const emulated = await startEmulators(kit, { sources: ['light'] });
  try {
    expect(emulated.notes).toEqual([]);
    await test.door.call('kit.load', { kit: emulated.kit, path: null });
    const state = async (id: string) =>
      (await test.door.call('state.get', {})).sources.find((source) => source.id === id)?.state;
    await waitFor('the sensor streams', async () => (await state('light'))?.state === 'streaming');
    const broken = await waitFor('the broken source says so', async () => {
      const now = await state('nothing');
      return now?.state === 'error' ? now : null;
    });
    expect(broken.code).toBe('device.unknown-driver');
    expect(broken.message).toContain('sources[1]');

    const session = await test.door.call('session.start', {});
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    emulated.emulators.get('light')?.fault('corrupt-checksum', 2);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await test.door.call('session.stop', {});
    const summary = await test.door.call('session.sealed', { id: session.id });
    expect(summary.streams.find((stream) => stream.id === 'light')).toMatchObject({ kind: 'samples', drops: 2 });

    const db = new Database(join(session.folder, 'session.sqlite'), { readonly: true });
    const rows = db.prepare('SELECT device_time, count, light FROM samples_light ORDER BY seq').all() as {
      device_time: number;
      count: number;
      light: number;
    }[];
    db.close();
    expect(rows.length).toBeGreaterThan(500);
    const truth = emulated.emulators.get('light')?.truth ?? [];
    const from = truth.findIndex((sample) => sample.values[0] === rows[0]?.count);
    const said = truth.slice(from, from + rows.length);
    expect(rows.map((row) => [row.device_time, row.count, row.light])).toEqual(
      said.map((sample) => [sample.deviceTime, ...sample.values]),
    );
    // Two lines were corrupted on the wire: they are missing, and there is no other hole.
    expect((rows.at(-1)?.count ?? 0) - (rows[0]?.count ?? 0)).toBe(rows.length - 1 + 2);
  } finally {
    await emulated.stop();
  }
});
