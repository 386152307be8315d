import { expect, test } from 'vitest';
import { FieldroomError } from '../../../electron/common/errors.ts';
import type { Emulator } from '../../driver.ts';
import { sourceOf, TestBench } from '../pozyx/testBench.ts';
import { pozyxMqttDriver } from './driver.ts';
import { PozyxMqttEmulator, type PozyxMqttEmulatorOptions } from './emulator.ts';

type Finish = (work: () => Promise<void>) => void;

function setUp(onTestFinished: Finish, options: PozyxMqttEmulatorOptions = {}, settings: Record<string, unknown> = {}) {
  const emulator = new PozyxMqttEmulator({ rateHz: 200, ...options });
  const bench = new TestBench(pozyxMqttDriver, emulator, settings);
  onTestFinished(() => bench.stop());
  return { emulator, bench };
}

function expectTruth(bench: TestBench, emulator: Emulator): void {
  for (const stream of new Set(emulator.truth.map((entry) => entry.stream))) {
    const sent = emulator.truth.filter((entry) => entry.stream === stream);
    const recorded = bench.samples(stream).map(({ values, deviceTime }) => ({ values, deviceTime }));
    expect(recorded, stream).toEqual(sent.map(({ values, deviceTime }) => ({ values, deviceTime })));
  }
}

test.concurrent.each([
  { version: '1', batch: 1 },
  { version: '2.0', batch: 1 },
  { version: '2.0', batch: 7 },
] as const)('version $version in batches of $batch: two tags, each its own stream', async (options) => {
  const finish: (() => Promise<void>)[] = [];
  const { bench, emulator } = setUp((work) => finish.push(work), { ...options, tags: [27196, 27197] });
  await bench.until('20 of both', () => bench.samples('27197').length >= 20);
  await Promise.all(finish.map((work) => work()));
  expectTruth(bench, emulator);
  const streams = [...bench.streams.keys()].sort();
  const parts = options.version === '1' ? [''] : ['', '-anchors', '-custom', '-motion'];
  expect(streams).toEqual(['27196', '27197'].flatMap((tag) => parts.map((part) => tag + part)).sort());
  expect(bench.gaps('27196')).toEqual([]);
});

test.concurrent('both clocks are kept: the gateway ten minutes ahead, arrival on ours, with the latency', async ({
  onTestFinished,
}) => {
  const { bench } = setUp(onTestFinished, { aheadMs: 600_000 });
  await bench.until('a sample', () => bench.samples('27196').length > 0);
  const [sample] = bench.samples('27196');
  const declaration = bench.streams.get('27196')?.declaration;
  const tickNs = declaration?.deviceClock?.tickNs ?? 0;
  const aheadMs = ((sample?.deviceTime ?? 0) * tickNs) / 1e6 - Date.now();
  expect(Math.abs(aheadMs - 600_000)).toBeLessThan(5000);
  expect(Number.isSafeInteger(sample?.deviceTime)).toBe(true);
  expect(Math.abs((sample?.arrivedNs ?? 0) / 1e6 - performance.now())).toBeLessThan(5000);
  const latency =
    declaration?.channels.findIndex((channel) => channel.name === 'latency' && channel.unit === 'ms') ?? -1;
  expect(sample?.values[latency]).toBe(30);
});

test.concurrent('no success and no coordinates are missed samples with the gateway time', async ({
  onTestFinished,
}) => {
  const { bench, emulator } = setUp(onTestFinished);
  for (const fault of ['no-success', 'no-coordinates']) {
    const before = bench.samples('27196').length;
    await bench.until('samples', () => bench.samples('27196').length >= before + 3);
    emulator.fault(fault, 2);
  }
  await bench.until('gaps', () => bench.gaps('27196').length >= 4);
  await bench.stop();
  expectTruth(bench, emulator);
  expect(bench.gaps('27196').map((gap) => [gap.cause, gap.lost])).toEqual([
    ['pozyx-no-success', 1],
    ['pozyx-no-success', 1],
    ['pozyx-no-coordinates', 1],
    ['pozyx-no-coordinates', 1],
  ]);
});

test.concurrent('success false with coordinates is not a sample either, and its coordinates are kept in the gap', async ({
  onTestFinished,
}) => {
  const bench = new TestBench(pozyxMqttDriver, null, {});
  onTestFinished(() => bench.stop());
  bench.deliver(
    Buffer.from('[{"tagId":"5","success":false,"timestamp":1589960921.2,"data":{"coordinates":{"x":1,"y":2,"z":3}}}]'),
    'tags',
  );
  expect(bench.samples('5')).toEqual([]);
  expect(bench.gaps('5')).toMatchObject([
    { cause: 'pozyx-no-success', lost: 1, detail: expect.stringContaining('1, 2, 3') },
  ]);
});

test.concurrent('duplicates, retained, bare and unknown messages: nothing twice, nothing missing', async ({
  onTestFinished,
}) => {
  const { bench, emulator } = setUp(onTestFinished, { tags: [27196, 27197] });
  for (const fault of ['duplicate', 'retained', 'bare', 'unknown-keys', 'out-of-order']) {
    const before = bench.samples('27196').length;
    await bench.until('samples', () => bench.samples('27196').length >= before + 4);
    emulator.fault(fault, 3);
  }
  const before = bench.samples('27196').length;
  await bench.until('samples after it all', () => bench.samples('27196').length >= before + 4);
  await bench.stop();
  expectTruth(bench, emulator);
});

test.concurrent('updates out of order keep their order', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished);
  await bench.until('samples', () => bench.samples('27196').length >= 3);
  emulator.fault('out-of-order');
  const isBack = (): boolean =>
    bench.samples('27196').some(({ deviceTime = 0 }, i, all) => deviceTime < (all[i - 1]?.deviceTime ?? 0));
  await bench.until('a step back', isBack);
  await bench.stop();
  expectTruth(bench, emulator);
});

test.concurrent('a retained message after a reconnect is not recorded again', async ({ onTestFinished }) => {
  const source = sourceOf(pozyxMqttDriver, {});
  const message = Buffer.from('[{"tagId":"5","timestamp":1589960921.2,"data":{"coordinates":{"x":1,"y":2,"z":3}}}]');
  const counts: number[] = [];
  for (let connection = 0; connection < 2; connection += 1) {
    const bench = new TestBench(pozyxMqttDriver, null, {}, source);
    onTestFinished(() => bench.stop());
    bench.deliver(message, 'tags');
    counts.push(bench.samples('5').length);
    await bench.stop();
  }
  expect(counts).toEqual([1, 0]);
});

test.concurrent('broken messages are gaps, and what follows is read', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished);
  for (const fault of ['bad-json', 'not-a-tag', 'garbage', 'restart']) {
    const before = bench.samples('27196').length;
    await bench.until('samples', () => bench.samples('27196').length >= before + 3);
    emulator.fault(fault);
  }
  const before = bench.samples('27196').length;
  await bench.until('samples after it all', () => bench.samples('27196').length >= before + 3);
  await bench.stop();
  expectTruth(bench, emulator);
  expect(bench.gaps('27196').map((gap) => gap.cause)).toEqual(['bad-json', 'no-update', 'bad-json', 'bad-json']);
});

test.concurrent('messages from another vendor on the topic are reported', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished);
  emulator.fault('wrong-device');
  await bench.until('trouble', () => bench.troubles.length > 0);
  expect(bench.troubles).toMatchObject([{ code: 'device.wrong-device' }]);
  expect(bench.streams.size).toBe(0);
});

test.concurrent('only tags in the settings, in decimal or hex; topics as configured', async ({ onTestFinished }) => {
  const { bench } = setUp(onTestFinished, { tags: [27196, 27197, 27198] }, { tags: ['0x6A3C', '27198'] });
  await bench.until('both', () => bench.samples('27198').length > 2);
  expect([...bench.streams.keys()]).toEqual(['27196', '27198']);
  expect(pozyxMqttDriver.topics?.(pozyxMqttDriver.settings.parse({}))).toEqual(['tags', 'tags/+', 'tagsLive']);
  expect(pozyxMqttDriver.settings.safeParse({ tags: ['kitchen'] }).success).toBe(false);
});

test.concurrent('thousands of tag ids do not open thousands of streams', async ({ onTestFinished }) => {
  const bench = new TestBench(pozyxMqttDriver, null, {});
  onTestFinished(() => bench.stop());
  for (let id = 0; id < 3000; id += 1)
    bench.deliver(Buffer.from(`[{"tagId":"${id}","data":{"coordinates":{"x":1,"y":2,"z":3}}}]`));
  expect(bench.streams.size).toBe(256);
  expect(bench.logs.filter((line) => line.startsWith('warn')).length).toBe(1);
});

test.concurrent('a lost broker ends the driver with the cause', async ({ onTestFinished }) => {
  const { bench } = setUp(onTestFinished);
  bench.unplug(new FieldroomError('device.lost', 'gone'));
  await bench.end();
  expect(bench.error).toMatchObject({ code: 'device.lost' });
});
