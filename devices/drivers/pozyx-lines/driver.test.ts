import { expect, test } from 'vitest';
import { FieldroomError } from '../../../electron/common/errors.ts';
import type { Emulator } from '../../driver.ts';
import { TestBench } from '../pozyx/testBench.ts';
import { pozyxLinesDriver } from './driver.ts';
import { FORMS, PozyxLinesEmulator, type PozyxLinesEmulatorOptions } from './emulator.ts';

type Finish = (work: () => Promise<void>) => void;

function setUp(onTestFinished: Finish, options: PozyxLinesEmulatorOptions = {}) {
  const emulator = new PozyxLinesEmulator({ rateHz: 200, ...options });
  const bench = new TestBench(pozyxLinesDriver, emulator, {});
  onTestFinished(() => bench.stop());
  return { emulator, bench };
}

/** The whole truth was recorded, and nothing else. */
function expectTruth(bench: TestBench, emulator: Emulator): void {
  for (const stream of new Set(emulator.truth.map((entry) => entry.stream))) {
    const sent = emulator.truth.filter((entry) => entry.stream === stream);
    const recorded = bench.samples(stream).map(({ values, deviceTime }) => ({ values, deviceTime }));
    expect(recorded, stream).toEqual(sent.map(({ values, deviceTime }) => ({ values, deviceTime })));
  }
}

const total = (bench: TestBench): number =>
  [...bench.streams.values()].reduce((sum, stream) => sum + stream.samples.length, 0);

test.concurrent.each(FORMS)('the form %s arrives as printed', async (form) => {
  const finish: (() => Promise<void>)[] = [];
  const { bench, emulator } = setUp((work) => finish.push(work), {
    form,
    tags: form === 'machine' || form === 'old' ? [0, 0x6012] : [0],
  });
  await bench.until('30 samples', () => total(bench) >= 30);
  await Promise.all(finish.map((work) => work()));
  expectTruth(bench, emulator);
  const gaps = [...bench.streams.values()].flatMap((stream) => stream.gaps);
  expect(gaps).toEqual([]);
});

test.concurrent('the anchors that the sketch names become a fact of the positions', async ({ onTestFinished }) => {
  const { bench } = setUp(onTestFinished);
  await bench.until('a sample', () => bench.samples().length > 0);
  const facts = bench.streams.get('')?.declaration.facts;
  expect(facts).toMatchObject({ anchors: { '0xA001': { x: 0, y: 0, z: 2790 } } });
  bench.deliver(Buffer.from('ANCHOR,0xB001,1,2,3\r\n'));
  expect(bench.streams.get('')?.declaration.facts).toMatchObject({ anchors: { '0xB001': { x: 1, y: 2, z: 3 } } });
});

test.concurrent('the orientation is converted to units', async ({ onTestFinished }) => {
  const { bench } = setUp(onTestFinished, { form: 'orientation' });
  await bench.until('a line', () => bench.samples('orientation').length > 0);
  const channels = bench.streams.get('orientation')?.declaration.channels ?? [];
  const values = bench.samples('orientation')[0]?.values ?? [];
  const named = Object.fromEntries(channels.map((channel, i) => [`${channel.name} ${channel.unit}`, values[i]]));
  expect(channels.length).toBe(values.length);
  expect(named).toMatchObject({
    'pressure Pa': 98543.25,
    'acc_z mg': 949,
    'quat_w ': 1,
    'mag_x µT': 20,
    'temperature °C': 25,
  });
});

test.concurrent('errors are missed samples of their tag, with a message', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { tags: [0, 0x6012] });
  await bench.until('samples of both', () => bench.samples('6012').length > 2);
  emulator.fault('error', 0x0a);
  emulator.fault('error-remote', 0x11);
  emulator.fault('error-lost', 0x17);
  expect(bench.gaps().map((gap) => [gap.cause, gap.lost])).toEqual([
    ['pozyx-error-0a', 1],
    ['pozyx-error-17', 1],
  ]);
  expect(bench.gaps('6012').map((gap) => gap.cause)).toEqual(['pozyx-error-11']);
  expect(bench.troubles.map((trouble) => trouble.message)).toEqual([
    'The tag on the shield gave no position: not enough anchors.',
    'Tag 0x6012 gave no position: ranging failed.',
    'The tag on the shield gave no position: no answer from the other device.',
  ]);
  emulator.fault('no-shield');
  expect(bench.troubles.at(-1)?.code).toBe('device.pozyx-shield');
});

test.concurrent('split lines, garbage, cut and damaged lines: what was whole is recorded, the rest is a gap', async ({
  onTestFinished,
}) => {
  const { bench, emulator } = setUp(onTestFinished);
  for (const [fault, argument] of [
    ['split', 20],
    ['garbage', 60],
    ['truncate', 2],
    ['bad-line', 3],
    ['noise', 1],
    ['restart', 1],
  ] as const) {
    const before = bench.samples().length;
    await bench.until('samples', () => bench.samples().length >= before + 8);
    emulator.fault(fault, argument);
  }
  const before = bench.samples().length;
  await bench.until('samples after it all', () => bench.samples().length >= before + 5);
  await bench.stop();
  expectTruth(bench, emulator);
  const causes = bench.gaps().map((gap) => gap.cause);
  // Three damaged lines, and the one cut off by the restart.
  expect(causes.filter((cause) => cause === 'bad-line').length).toBe(4);
  expect(causes).toContain('garbage');
});

test.concurrent('a board that prints other lines is reported, and nothing is recorded', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished);
  emulator.fault('wrong-device');
  await bench.until('trouble', () => bench.troubles.length > 0);
  expect(bench.troubles).toMatchObject([
    { code: 'device.wrong-device', message: expect.stringContaining('Sensor value') },
  ]);
  expect(bench.samples()).toEqual([]);
});

test.concurrent('a wrong baud rate is reported', async ({ onTestFinished }) => {
  const bench = new TestBench(pozyxLinesDriver, null, {});
  onTestFinished(() => bench.stop());
  for (let i = 0; i < 200; i += 1) bench.deliver(Uint8Array.from({ length: 64 }, (_, k) => (k * 37 + i) % 256));
  expect(bench.troubles).toMatchObject([
    { code: 'device.wrong-device', nextStep: expect.stringContaining('baud rate') },
  ]);
});

test.concurrent('an unplugged cable ends the driver with the cause', async ({ onTestFinished }) => {
  const { bench } = setUp(onTestFinished);
  bench.unplug(new FieldroomError('device.lost', 'gone'));
  await bench.end();
  expect(bench.error).toMatchObject({ code: 'device.lost' });
});

test.concurrent('noise that looks like thousands of tags does not open thousands of streams', async ({
  onTestFinished,
}) => {
  const bench = new TestBench(pozyxLinesDriver, null, {});
  onTestFinished(() => bench.stop());
  for (let id = 1; id < 5000; id += 1) bench.deliver(Buffer.from(`POS,0x${id.toString(16)},1,2,3\r\n`));
  expect(bench.streams.size).toBeLessThanOrEqual(256);
});
