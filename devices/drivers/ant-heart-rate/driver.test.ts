import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { FieldroomError } from '../../../electron/common/errors.ts';
import { antHeartRateDriver } from './driver.ts';
import { DriverBench, hex, truthOf } from './driverBench.ts';
import { AntStickEmulator } from './emulator.ts';

const KEY = '00000000000000a7';
const PERIOD_MS = (8070 / 32_768) * 1000;

let opened: { bench: DriverBench; emulator: AntStickEmulator }[] = [];
afterEach(async () => {
  for (const { bench } of opened) await bench.close();
  opened = [];
});

function setUp(settings: Record<string, unknown> = {}, parameters: Record<string, string> = {}) {
  const all = { networkKey: KEY, ...settings };
  const emulator = new AntStickEmulator({ settings: all, parameters, seed: 1 });
  const bench = new DriverBench(antHeartRateDriver, emulator, all);
  opened.push({ bench, emulator });
  return { bench, emulator };
}

async function begin(settings: Record<string, unknown> = {}, parameters: Record<string, string> = {}) {
  const both = setUp(settings, parameters);
  both.bench.plug();
  await both.bench.advance(600);
  return both;
}

/** This many message slots of each strap, on the bench's clock. */
async function hear(
  { bench, emulator }: { bench: DriverBench; emulator: AntStickEmulator },
  slots: number,
): Promise<void> {
  for (let i = 0; i < slots * emulator.straps.length; i++) {
    emulator.step();
    await bench.advance(PERIOD_MS / emulator.straps.length);
  }
}

describe('one strap', () => {
  test('the conversation is that of section 2a, in its order', async () => {
    const { bench } = await begin({ deviceNumber: 25170 });
    expect(bench.written.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual(
      [
        'A4014A00EF',
        'A4024D0054BF',
        'A40946000000000000 0000A74C',
        'A403420000 00E5',
        'A405510052627800B8',
        'A4024400FF1D',
        'A402450039DA',
        'A4034300861F7D',
        'A4026E00E028',
        'A4014B00EE',
      ].map((text) => text.replaceAll(' ', '').toLowerCase()),
    );
  });
  test('every beat is recorded once, with RR, count, power and the strap’s own time across both wraps', async () => {
    const both = await begin();
    await hear(both, 400);
    const name = String(both.emulator.straps[0]?.deviceNumber);
    const rows = both.bench.rows(name);
    expect(rows.length).toBeGreaterThan(110);
    expect(rows).toEqual(truthOf(both.emulator, name));
    expect(rows.at(-1)?.deviceTime).toBeGreaterThan(65_536 * 2);
    expect(rows.slice(1).every((row) => Number.isFinite(row.values[1]))).toBe(true);
    expect(both.bench.recorded(name).gaps).toEqual([]);
    expect(both.bench.recorded(name).declaration.facts).toMatchObject({
      mode: 'single',
      manufacturer: 1,
      battery: 'good',
    });
  });
  test('a stick without extended information still records its one strap', async () => {
    const both = await begin({}, { oldStick: '1' });
    await hear(both, 20);
    const [name] = both.bench.streams.keys();
    expect(both.bench.rows(name as string)).toEqual(truthOf(both.emulator, name as string));
  });
});

describe('faults: everything sent is either recorded or covered by a gap with its cause', () => {
  test.each(['split', 'merge', 'garbage', 'padding', 'foreign'])('%s costs no beat', async (name) => {
    const both = await begin();
    await hear(both, 10);
    both.emulator.fault(name, 60);
    await hear(both, 100);
    const strap = String(both.emulator.straps[0]?.deviceNumber);
    expect(both.bench.rows(strap)).toEqual(truthOf(both.emulator, strap));
    expect([...both.bench.streams.keys()]).toEqual([strap]);
    expect(both.bench.recorded(strap).gaps.length > 0).toBe(name === 'garbage');
  });
  test('wrong checksums are recorded as a gap, reported at most once a second', async () => {
    const both = await begin();
    await hear(both, 10);
    both.emulator.fault('corrupt-checksum', 12);
    await hear(both, 40);
    const { gaps } = both.bench.recorded(String(both.emulator.straps[0]?.deviceNumber));
    expect(gaps.filter((gap) => gap.cause === 'checksum').length).toBeGreaterThan(0);
    expect(both.bench.rows(String(both.emulator.straps[0]?.deviceNumber))).toEqual(
      truthOf(both.emulator, String(both.emulator.straps[0]?.deviceNumber)),
    );
  });
  test('missed beats and dropouts have different causes, and their beats are counted', async () => {
    const both = await begin();
    await hear(both, 20);
    const strap = String(both.emulator.straps[0]?.deviceNumber);
    both.emulator.fault('missed-beats', 1);
    await hear(both, 20);
    both.emulator.fault('silent', 6000);
    await hear(both, 60);
    const { gaps, samples } = both.bench.recorded(strap);
    expect(gaps.map((gap) => gap.cause)).toEqual(['missed-beats', 'dropout']);
    // Everything that was not sent is covered by a gap: no loss goes unreported.
    const lost = gaps.reduce((sum, gap) => sum + (gap.lost ?? 0), 0);
    const counts = samples.map((sample) => sample.values[2] as number);
    const span = ((counts.at(-1) as number) - (counts[0] as number) + 512) % 256;
    expect(samples.length + lost).toBe(span + 1);
    expect(both.bench.rows(strap)).toEqual(truthOf(both.emulator, strap));
    expect(both.bench.troubles.map((trouble) => trouble.code)).toContain('device.strap-lost');
  });
  test('a closed channel is reopened automatically', async () => {
    const both = await begin();
    await hear(both, 10);
    both.emulator.fault('channel-closed');
    await both.bench.advance(100);
    await hear(both, 30);
    const strap = String(both.emulator.straps[0]?.deviceNumber);
    expect(both.bench.rows(strap).length).toBeGreaterThan(6);
    expect(both.bench.rows(strap)).toEqual(truthOf(both.emulator, strap));
  });
  test('a stick that lost its power for a moment is set up again', async () => {
    const both = await begin();
    await hear(both, 10);
    both.emulator.fault('restart');
    await both.bench.advance(1500);
    const before = both.emulator.truth.length;
    await hear(both, 20);
    expect(both.emulator.truth.length).toBeGreaterThan(before);
  });
  test('a stick that silently lost its channel is set up again', async () => {
    const both = await begin();
    await hear(both, 10);
    const before = both.bench.written.length;
    // Three whole reminders of silence, and the conversation.
    await both.bench.advance(34_000);
    expect(both.bench.written.length).toBe(before + 10);
    const heard = both.emulator.truth.length;
    await hear(both, 20);
    expect(both.emulator.truth.length).toBeGreaterThan(heard);
  });
  test('after a tug on the cable nothing is recorded twice', async () => {
    const both = await begin();
    await hear(both, 10);
    expect(await both.bench.unplug()).toBeInstanceOf(Error);
    both.bench.plug();
    await both.bench.advance(600);
    await hear(both, 10);
    const strap = String(both.emulator.straps[0]?.deviceNumber);
    expect(both.bench.rows(strap)).toEqual(truthOf(both.emulator, strap));
  });
});

describe('a class in continuous scan', () => {
  test('30 straps at once, each with its own stream and its child', async () => {
    const both = await begin({ mode: 'scan', straps: { '10100': 'P07' } }, { straps: '30' });
    await hear(both, 60);
    expect(both.bench.streams.size).toBe(30);
    for (const { deviceNumber } of both.emulator.straps) {
      expect(both.bench.rows(String(deviceNumber)).length).toBeGreaterThan(10);
      expect(both.bench.rows(String(deviceNumber))).toEqual(truthOf(both.emulator, String(deviceNumber)));
    }
    expect(both.bench.recorded('10100').declaration.participant).toBe('P07');
  });
  test('other ANT+ devices in the room are ignored', async () => {
    const both = await begin({ mode: 'scan' }, { straps: '2' });
    both.emulator.fault('foreign', 10);
    await hear(both, 20);
    expect(both.bench.streams.size).toBe(2);
  });
  test('with onlyListed only listed straps are recorded', async () => {
    const both = await begin({ mode: 'scan', straps: { '10105': 'P01' }, onlyListed: true }, { straps: '8' });
    await hear(both, 20);
    expect([...both.bench.streams.keys()]).toEqual(['10105']);
  });
  test('a stick that cannot scan is reported clearly', async () => {
    const { bench } = await begin({ mode: 'scan' }, { oldStick: '1' });
    expect(await bench.outcome).toMatchObject({ code: 'device.no-scan-mode' });
  });
});

describe('errors come with the next step', () => {
  test('a key that the stick refuses (code 29)', async () => {
    const { bench, emulator } = setUp();
    emulator.fault('missing-key');
    bench.plug();
    await bench.advance(1000);
    const error = await bench.outcome;
    expect(error).toMatchObject({ code: 'device.network-key' });
    expect((error as FieldroomError).nextStep).toMatch(/networkKey/);
  });
  test.each([
    ['mute', 'device.no-answer'],
    ['wrong-device', 'device.wrong-device'],
  ])('%s is %s', async (fault, code) => {
    const { bench, emulator } = setUp();
    emulator.fault(fault);
    bench.plug();
    await bench.advance(10_000);
    expect(await bench.outcome).toMatchObject({ code });
  });
  test('no strap in range', async () => {
    const both = await begin();
    await both.bench.advance(21_000);
    expect(both.bench.troubles.map((trouble) => trouble.code)).toContain('device.no-strap');
  });
  test('a strap that is received but has no skin contact', async () => {
    const both = await begin();
    await hear(both, 4);
    // A strap without skin contact sends the same beat again and again.
    for (let i = 0; i < 70; i++) {
      both.bench.deliver(hex('A4 0E 4E 00 04 FF 00 10 00 14 06 3C 80 39 30 78 01 D1'));
      await both.bench.advance(PERIOD_MS);
    }
    expect(both.bench.troubles.map((trouble) => trouble.code)).toContain('device.no-contact');
  });
  test('a closed source ends the driver without an error', async () => {
    const { bench } = await begin();
    expect(await bench.close()).toBe('ended');
    opened = [];
  });
});

describe('the network key', () => {
  test('is nowhere but on the wire', async () => {
    const both = await begin({ networkKey: 'b9a521fbbd72c345' });
    await hear(both, 100);
    both.emulator.fault('missing-key');
    both.emulator.fault('restart');
    await both.bench.advance(2000);
    const error = await both.bench.outcome;
    const settings = antHeartRateDriver.settings.parse(both.bench.source.settings);
    const said = [
      inspect(error, { depth: 9 }),
      JSON.stringify(error),
      inspect(settings, { depth: 9, showHidden: true }),
      JSON.stringify(settings),
      `${(settings as { networkKey: unknown }).networkKey}`,
      JSON.stringify(both.bench.logs),
      JSON.stringify(both.bench.troubles),
      inspect(
        [...both.bench.streams.values()].map((stream) => stream.declaration),
        { depth: 9 },
      ),
    ].join('\n');
    expect(said).not.toMatch(/b9a521|b9, ?a5|185, ?165/i);
    expect(
      both.bench.written.some((bytes) => Buffer.from(bytes).includes(Buffer.from(hex('b9 a5 21 fb bd 72 c3 45')))),
    ).toBe(true);
    expect(error).toBeInstanceOf(FieldroomError);
  });
  test('a wrong or missing key is reported by its path, without repeating it', () => {
    for (const networkKey of [undefined, 'b9a521fbbd72c34', 'b9a521fbbd72c34z']) {
      const result = antHeartRateDriver.settings.safeParse({ networkKey });
      expect(result.success).toBe(false);
      expect(inspect(result.error, { depth: 9 })).not.toMatch(/b9a521/);
      expect(result.error?.issues[0]?.path).toEqual(['networkKey']);
    }
  });
});
