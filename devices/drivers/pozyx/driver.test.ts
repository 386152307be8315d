import { expect, test } from 'vitest';
import { FieldroomError } from '../../../electron/common/errors.ts';
import type { Emulator, Sample, Value } from '../../driver.ts';
import { pozyxDriver } from './driver.ts';
import { PozyxEmulator, type PozyxEmulatorOptions } from './emulator.ts';
import { REGISTER, readLine } from './registers.ts';
import { TestBench } from './testBench.ts';
import { ROOM_ANCHORS, walk } from './walk.ts';

const anchors = [...ROOM_ANCHORS];
type Finish = (work: () => Promise<void>) => void;

function setUp(onTestFinished: Finish, settings: Record<string, unknown>, options: PozyxEmulatorOptions = {}) {
  const emulator = new PozyxEmulator(settings, { positionMs: 5, radioMs: 1, ...options });
  const bench = new TestBench(pozyxDriver, emulator, settings);
  onTestFinished(() => bench.stop());
  return { emulator, bench };
}

/** Values without the last channel, the age of the request, which differs from run to run. */
const values = (samples: readonly Sample[]): Value[][] => samples.map((sample) => sample.values.slice(0, -1));
const sent = (emulator: Emulator, stream = ''): (readonly Value[])[] =>
  emulator.truth.filter((entry) => entry.stream === stream).map((entry) => entry.values);

/** Everything that was sent was recorded; the last sample may still be in transit. */
function expectTruth(bench: TestBench, emulator: Emulator, stream = ''): void {
  const recorded = values(bench.samples(stream));
  const truth = sent(emulator, stream);
  expect(recorded).toEqual(truth.slice(0, recorded.length));
  expect(truth.length - recorded.length).toBeLessThanOrEqual(1);
}

for (const firmware of [0x11, 0x12, 0x20]) {
  test.concurrent(`firmware ${firmware.toString(16)}: positions with covariance arrive as sent, each with its lower bound`, async ({
    onTestFinished,
  }) => {
    const { bench, emulator } = setUp(onTestFinished, { anchors, what: ['position', 'covariance'] }, { firmware });
    await bench.until('30 positions', () => bench.samples().length >= 30);
    await bench.stop();
    expectTruth(bench, emulator);
    const { declaration, samples, gaps } = bench.streams.get('') ?? { declaration: null, samples: [], gaps: [] };
    expect(gaps).toEqual([]);
    expect(declaration?.channels.map((channel) => `${channel.name} ${channel.unit}`.trim())).toEqual(
      'x mm,y mm,z mm,cov_x,cov_y,cov_z,cov_xy,cov_xz,cov_yz,request_age_us µs'.split(','),
    );
    expect(declaration?.facts).toMatchObject({ networkId: '0x6012', firmware: `${firmware >> 4}.${firmware & 15}` });
    for (const sample of samples) {
      const ageUs = sample.values.at(-1) as number;
      // A position takes 5 ms here, so no flag can be set sooner; timers may fire a millisecond early.
      expect(ageUs).toBeGreaterThan(4000);
      expect(ageUs).toBeLessThan(1_000_000);
    }
  });
}

test.concurrent('two tags: the one on the cable and one by radio, sensors and ranges of both', async ({
  onTestFinished,
}) => {
  const settings = { anchors, tags: ['0x6012', '6E66'], what: ['position', 'sensors', 'ranges'] };
  const { bench, emulator } = setUp(onTestFinished, settings);
  await bench.until('8 positions by radio', () => bench.samples('6e66').length >= 8, 10_000);
  await bench.stop();
  for (const suffix of ['6012', '6e66', '6012-orientation', '6e66-orientation', '6012-ranges', '6e66-ranges']) {
    expect(bench.samples(suffix).length, suffix).toBeGreaterThan(0);
    expect(bench.gaps(suffix), suffix).toEqual([]);
  }
  for (const tag of ['6012', '6e66']) {
    expectTruth(bench, emulator, tag);
    expectTruth(bench, emulator, `${tag}-orientation`);
    const ranges = bench.samples(`${tag}-ranges`);
    expect(ranges.map((sample) => [...sample.values.slice(0, -1), sample.deviceTime])).toEqual(
      emulator.truth
        .filter((entry) => entry.stream === `${tag}-ranges`)
        .slice(0, ranges.length)
        .map((entry) => [...entry.values, entry.deviceTime]),
    );
    for (const [i, range] of ranges.entries())
      expect(range.deviceTime).toBeGreaterThanOrEqual(ranges[i - 1]?.deviceTime ?? 0);
  }
});

test.concurrent('the millisecond clock of the ranges continues across its wrap', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(
    onTestFinished,
    { anchors, what: ['position', 'ranges'] },
    { clockMs: 2 ** 32 - 900 },
  );
  await bench.until('the wrap', () => (bench.samples('ranges').at(-1)?.deviceTime ?? 0) > 2 ** 32 + 50);
  await bench.stop();
  const times = bench.samples('ranges').map((sample) => sample.deviceTime);
  expect(times).toEqual(
    emulator.truth
      .filter((entry) => entry.stream === 'ranges')
      .slice(0, times.length)
      .map((entry) => entry.deviceTime),
  );
});

test.concurrent('a tag positioned by another master is read and never triggered', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { passive: true }, { positionMs: 20 });
  const requests: { line: string; atNs: number }[] = [];
  const receive = emulator.receive.bind(emulator);
  emulator.receive = (bytes) => {
    requests.push({ line: Buffer.from(bytes).toString('latin1'), atNs: performance.now() * 1e6 });
    receive(bytes);
  };
  await bench.until('5 positions', () => bench.samples().length >= 5);
  await bench.stop();
  expectTruth(bench, emulator);
  expect(requests.filter(({ line }) => !line.startsWith('R,'))).toEqual([]);
  const polls = requests.filter(({ line }) => line === readLine(REGISTER.intStatus, 1));
  // The position may have been made at any time since the previous poll, so that poll is the lower bound.
  for (const { values, arrivedNs } of bench.samples()) {
    const sinceNs = arrivedNs - (values.at(-1) as number) * 1000 - 1000;
    expect(polls.filter(({ atNs }) => atNs >= sinceNs && atNs <= arrivedNs).length).toBeGreaterThanOrEqual(2);
  }
});

test.concurrent('another master faster than the polls: no position is recorded twice', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(
    onTestFinished,
    { passive: true, what: ['position', 'covariance'] },
    { positionMs: 3 },
  );
  await bench.until('60 positions', () => bench.samples().length >= 60);
  await bench.stop();
  expectTruth(bench, emulator);
});

test.concurrent('ranging without positions', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors, what: ['ranges'] });
  await bench.until('12 ranges', () => bench.samples('ranges').length >= 12);
  await bench.stop();
  expectTruth(bench, emulator, 'ranges');
});

test.concurrent('an error code is a missed sample with its cause, and a message', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors });
  await bench.until('3 positions', () => bench.samples().length >= 3);
  emulator.fault('error', 0x12);
  await bench.until('a gap', () => bench.gaps().length > 0);
  expect(bench.gaps()[0]).toEqual({ cause: 'pozyx-error-12', lost: 1, detail: 'ranging timed out' });
  expect(bench.troubles).toMatchObject([
    { code: 'device.pozyx-error-12', message: 'Tag 0x6012 gave no sample: ranging timed out.' },
  ]);
  const before = bench.samples().length;
  await bench.until('positions again', () => bench.samples().length > before + 3);
  await bench.stop();
  expectTruth(bench, emulator);
});

test.concurrent('an error of a tag reached by radio carries its code', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors, tags: ['6012', '6e66'] });
  await bench.until('2 positions by radio', () => bench.samples('6e66').length >= 2);
  for (const tag of ['6012', '6e66']) {
    emulator.fault('error', 0x0a);
    await bench.until(
      `a gap of ${tag} or the other`,
      () => bench.gaps('6012').length + bench.gaps('6e66').length >= (tag === '6012' ? 1 : 2),
    );
  }
  expect([...bench.gaps('6012'), ...bench.gaps('6e66')].map((gap) => gap.cause)).toEqual([
    'pozyx-error-0a',
    'pozyx-error-0a',
  ]);
  await bench.stop();
  expectTruth(bench, emulator, '6e66');
  expectTruth(bench, emulator, '6012');
});

test.concurrent('a flag that is never set is a missed sample after the timeout', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors, timeoutMs: 100 });
  await bench.until('a position', () => bench.samples().length >= 1);
  emulator.fault('no-flag');
  await bench.until('a gap', () => bench.gaps().length > 0);
  expect(bench.gaps()[0]).toMatchObject({ cause: 'pozyx-timeout', lost: 1 });
  await bench.stop();
  expectTruth(bench, emulator);
});

for (const fault of ['lost', 'empty', 'no-data-line', 'corrupt', 'truncate', 'late', 'function-failed']) {
  test.concurrent(`${fault}: each damaged reply loses at most its own sample, and nothing is invented or mixed up`, async ({
    onTestFinished,
  }) => {
    const { bench, emulator } = setUp(onTestFinished, { anchors, what: ['position', 'covariance'], timeoutMs: 300 });
    for (let round = 1; round <= 4; round += 1) {
      const before = bench.samples().length;
      await bench.until('positions', () => bench.samples().length >= before + 2);
      // A different phase of the conversation each time: trigger, poll, position, covariance.
      await new Promise((resolve) => setTimeout(resolve, round * 3));
      emulator.fault(fault);
    }
    const before = bench.samples().length;
    await bench.until('positions after it', () => bench.samples().length >= before + 3);
    await bench.stop();
    expectTruth(bench, emulator);
    expect(bench.samples().length).toBeGreaterThan(8);
    // The coordinates show which position of the walk it was: each one that was made but not recorded is in a gap.
    const [x, y, z] = bench.samples().at(-1)?.values ?? [];
    const isLast = (n: number) => walk(0, n).x === x && walk(0, n).y === y && walk(0, n).z === z;
    const made = Array.from({ length: 2000 }, (_, n) => n).findIndex(isLast) + 1;
    const lost = bench.gaps().reduce((sum, gap) => sum + (gap.lost ?? 0), 0);
    expect(made).toBeGreaterThan(0);
    expect(lost).toBeGreaterThanOrEqual(made - bench.samples().length);
    for (const gap of bench.gaps()) expect(gap.cause).toMatch(/^(pozyx-|late-reply|bad-hex|garbage|stray-line)/);
  });
}

test.concurrent('replies byte by byte, and garbage between them, lose no sample', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors });
  await bench.until('2 positions', () => bench.samples().length >= 2);
  emulator.fault('split', 100);
  emulator.fault('garbage', 40);
  await bench.until('10 positions', () => bench.samples().length >= 10);
  await bench.stop();
  expectTruth(bench, emulator);
  expect(bench.gaps()).toEqual([{ cause: 'garbage', lost: 0, detail: '40 bytes' }]);
});

test.concurrent('a pause is reported when the device answers again, with the number of samples lost', async ({
  onTestFinished,
}) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors });
  await bench.until('2 positions', () => bench.samples().length >= 2);
  emulator.fault('silent', 1500);
  await bench.until('a gap', () => bench.gaps().length > 0);
  await bench.stop();
  expect(bench.gaps()[0]).toMatchObject({ cause: 'pozyx-no-reply' });
  expect(bench.gaps()[0]?.lost).toBeGreaterThan(1);
  expectTruth(bench, emulator);
});

test.concurrent('after a restart in mid-line the anchors are written again and positions continue', async ({
  onTestFinished,
}) => {
  const { bench, emulator } = setUp(onTestFinished, { anchors });
  await bench.until('2 positions', () => bench.samples().length >= 2);
  emulator.fault('restart');
  const before = bench.samples().length;
  await bench.until('positions again', () => bench.samples().length >= before + 5);
  await bench.stop();
  expect(bench.gaps().some((gap) => gap.cause === 'pozyx-error-0a')).toBe(true);
  expectTruth(bench, emulator);
});

test.concurrent('a device that is not a Pozyx is rejected with its WHO_AM_I', async ({ onTestFinished }) => {
  const { bench, emulator } = setUp(onTestFinished, {});
  emulator.fault('wrong-device', 7);
  await bench.end();
  expect(bench.error).toMatchObject({ code: 'device.wrong-device', message: expect.stringContaining('WHO_AM_I is 7') });
});

test.concurrent('for an Arduino that prints a Pozyx sketch, the other driver is suggested', async ({
  onTestFinished,
}) => {
  const bench = new TestBench(pozyxDriver, null, {});
  onTestFinished(() => bench.stop());
  const timer = setInterval(() => bench.deliver(Buffer.from('POS,0x6012,1234,-567,1050\r\n')), 20);
  await bench.end();
  clearInterval(timer);
  expect(bench.error).toMatchObject({ code: 'device.wrong-device', nextStep: expect.stringContaining('pozyx-lines') });
});

test.concurrent('silence at the start ends with an error, and so does later silence', async ({ onTestFinished }) => {
  const mute = new TestBench(pozyxDriver, null, {});
  onTestFinished(() => mute.stop());
  const { bench, emulator } = setUp(onTestFinished, { anchors });
  await bench.until('a position', () => bench.samples().length > 0);
  emulator.fault('silent', 60_000);
  await Promise.all([mute.end(), bench.end()]);
  expect(mute.error).toMatchObject({ code: 'device.no-answer' });
  expect(bench.error).toMatchObject({ code: 'device.no-answer' });
  // The host itself reports the silence.
  expect(bench.gaps()).toEqual([]);
  expect(bench.troubles).toEqual([]);
}, 15_000);

test.concurrent('an unplugged cable ends the driver with the cause from the link', async ({ onTestFinished }) => {
  const { bench } = setUp(onTestFinished, { anchors });
  await bench.until('a position', () => bench.samples().length > 0);
  bench.unplug(new FieldroomError('device.lost', 'gone'));
  await bench.end();
  expect(bench.error).toMatchObject({ code: 'device.lost' });
});

test.concurrent('invalid settings are rejected with their path', () => {
  const faults = (settings: unknown) =>
    pozyxDriver.settings.safeParse(settings).error?.issues.map((issue) => issue.path.join('.'));
  expect(faults({ tags: ['xyz'] })).toEqual(['tags.0']);
  expect(faults({ tags: ['0x0'] })).toEqual(['tags.0']);
  expect(faults({ tags: ['6012', '0x6012'] })).toEqual(['tags']);
  expect(faults({ anchors: anchors.slice(0, 2) })).toEqual(['anchors']);
  expect(faults({ what: ['covariance'] })).toEqual(['what']);
  expect(faults({ passive: true, tags: ['6012'] })).toEqual(['passive']);
  expect(faults({ colour: 'red' })).toEqual(['']);
});

test.concurrent('only the name Pozyx is certain; the vendor id is shared by countless boards', () => {
  const serial = { kind: 'serial', path: '/dev/ttyACM0' } as const;
  expect(pozyxDriver.fits({ ...serial, manufacturer: 'Pozyx Labs' })).toBe(3);
  expect(pozyxDriver.fits({ ...serial, vendorId: '0483', productId: '5740' })).toBe(1);
  expect(pozyxDriver.fits({ ...serial, vendorId: '2341' })).toBe(0);
});
