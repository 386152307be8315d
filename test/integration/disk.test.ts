/** The engine on a disk that is full, disconnected or read-only. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import { kitSchema } from '../../electron/common/kit.ts';
import type { PublishedStream } from '../../electron/common/publisher/publishedStream.ts';
import { verifySession } from '../../electron/session/check/verify.ts';
import { readManifest } from '../../electron/session/format/manifest.ts';
import { safe, untilState } from '../fixtures/appliance.ts';
import { type TestEngine, testEngine } from '../fixtures/engine.ts';
import { counterStream, sendCounter, testPublisher, untilConnected } from '../fixtures/publisher.ts';
import { SessionIndex } from '../fixtures/sessionIndex.ts';
import { SmallDisk } from '../fixtures/smallDisk.ts';
import { waitFor } from '../fixtures/wait.ts';

const MB = 1024 * 1024;
const KIT = kitSchema.parse({
  name: 'Small disk',
  study: 'disk',
  sources: [
    { id: 'camera', kind: 'camera', match: { label: 'stand-in' } },
    { id: 'mic', kind: 'microphone', match: { label: 'stand-in' } },
    { id: 'counter', kind: 'serial', driver: 'lines', match: { path: 'stand-in' } },
  ],
});
const SOURCES = ['camera', 'mic', 'counter'] as const;

/** One counter stream per source: whatever a source delivers, it is stopped as a whole. */
class Sender implements AsyncDisposable {
  readonly test: TestEngine;
  readonly #publishers;
  readonly #now;
  readonly #streams: PublishedStream[];
  readonly sent = { camera: 0, mic: 0, counter: 0 };
  #timer: NodeJS.Timeout | null = null;

  constructor(test: TestEngine) {
    this.test = test;
    const [media, devices] = [testPublisher(test.address('capture')), testPublisher(test.address('devices'))];
    this.#publishers = [media.publisher, devices.publisher];
    this.#now = { camera: media.now, mic: media.now, counter: devices.now };
    this.#streams = SOURCES.map((id) => (id === 'counter' ? devices : media).publisher.declare(counterStream(id)));
  }

  async record(): Promise<{ id: string; folder: string }> {
    await this.test.door.call('kit.load', { kit: KIT, path: null });
    for (const publisher of this.#publishers) await untilConnected(publisher);
    const session = await this.test.door.call('session.start', {});
    await waitFor('the publishers record', () =>
      this.#publishers.every((publisher) => publisher.session?.state === 'recording'),
    );
    this.#timer = setInterval(() => this.#send(), 20);
    return session;
  }

  #send(): void {
    for (const [i, id] of SOURCES.entries()) {
      const stream = this.#streams[i] as PublishedStream;
      if (!stream.live) continue;
      sendCounter(stream, this.#now[id], this.sent[id], this.sent[id] + 10);
      this.sent[id] += 10;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    for (const publisher of this.#publishers) publisher.close();
  }
}

const codes = ({ notices }: ApplianceState): string[] => notices.map(({ code }) => code);
const pausedOf = ({ sources }: ApplianceState): string[] => sources.filter((one) => one.paused).map(({ id }) => id);

/** Every recorded number from 0, in order, once; missing numbers are in gaps. */
async function expectCounted(folder: string, id: string, sent: number, missing = 0): Promise<void> {
  expect((await verifySession(folder)).findings).toEqual([]);
  using index = new SessionIndex(folder);
  const rows = index.all<{ n: number; square: number }>(`SELECT n, square FROM samples_${id} ORDER BY seq`);
  expect(rows.length).toBe(sent - missing);
  for (const [i, { n, square }] of rows.entries()) {
    if (missing === 0) expect(n).toBe(i);
    expect(square).toBe(n * n);
  }
}

describe('a disk that runs full', () => {
  it('stops frames, then sound, then the session, which is sealed whole; free space brings back what stopped', async () => {
    using disk = new SmallDisk(64 * MB);
    await using test = await testEngine({
      dataFolder: disk.dataFolder,
      disk: { reserveBytes: 8 * MB, measure: disk.measure },
    });
    await using sender = new Sender(test);
    const session = await sender.record();
    await waitFor('room is kept', () => existsSync(`${disk.dataFolder}/.fieldroom/reserve`));
    await sleep(300);
    await disk.fillUpTo(9 * MB);
    const first = await untilState(test.door, 'pictures stop', (state) => pausedOf(state).length > 0);
    expect(pausedOf(first)).toEqual(['camera']);
    expect(codes(first)).toContain('disk.almost-full');
    disk.empty();
    await untilState(test.door, 'pictures continue', (state) => pausedOf(state).length === 0);
    await disk.fillUpTo(2.5 * MB);
    const second = await untilState(test.door, 'sound stops', (state) => pausedOf(state).length === 2);
    expect(pausedOf(second)).toEqual(['camera', 'mic']);
    const before = sender.sent.counter;
    await waitFor('the sensor is still recorded', () => sender.sent.counter > before + 50);
    await disk.fillUpTo(0);
    const last = await untilState(test.door, 'the session was ended', (state) => state.session === null);
    expect(codes(last)).toContain('disk.session-ended');
    await test.door.call('session.sealed', { id: session.id });
    expect(readManifest(session.folder)?.state).toBe('sealed');
    for (const id of SOURCES) await expectCounted(session.folder, id, sender.sent[id]);
    using index = new SessionIndex(session.folder);
    const gaps = index.gaps().filter(({ cause }) => cause === 'disk-full');
    expect(gaps.map(({ stream }) => stream).sort()).toEqual(['camera', 'camera', 'mic']);
  });

  it('is reported in minutes before and during recording, and recording is refused without space', async () => {
    using disk = new SmallDisk(24 * MB);
    await using test = await testEngine({
      dataFolder: disk.dataFolder,
      disk: { reserveBytes: 2 * MB, measure: disk.measure },
    });
    await test.door.call('kit.load', { kit: KIT, path: null });
    const idle = await untilState(
      test.door,
      'the disk is measured',
      ({ disk: { minutesLeft } }) => minutesLeft !== null,
    );
    expect(idle.disk.minutesLeft).toBeGreaterThan(0);
    expect(idle.disk.minutesLeft).toBeLessThan(10);
    expect(idle.notices).toContainEqual(expect.objectContaining({ code: 'data.low', level: 'error' }));
    await disk.fillUpTo(0);
    await expect(test.door.call('session.start', {})).rejects.toMatchObject({ code: 'data.full' });
    disk.empty();
    const { id } = await test.door.call('session.start', {});
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id });
  });
});

describe('a drive that fails', () => {
  it('is reported when its folder is missing or not writable, and no recording starts on it', async () => {
    let answer: string | null = null;
    await using test = await testEngine({
      disk: {
        measure: () =>
          answer === null
            ? Promise.resolve({ freeBytes: 1e12 })
            : Promise.reject(Object.assign(new Error(answer), { code: answer })),
      },
    });
    await test.door.call('kit.load', { kit: KIT, path: null });
    for (const [code, told] of [
      ['ENOENT', 'data.gone'],
      ['EROFS', 'data.not-writable'],
    ] as const) {
      answer = code;
      await expect(test.door.call('session.start', {})).rejects.toMatchObject({ code: told });
      await untilState(test.door, 'it is reported', (state) => codes(state).includes(told));
      answer = null;
      await untilState(test.door, 'it is back', (state) => !codes(state).includes(told));
    }
    expect((await test.door.call('session.start', {})).state).toBe('recording');
  });

  it('that blocks for seconds loses nothing, and is reported', async () => {
    await using test = await testEngine();
    await using sender = new Sender(test);
    const session = await sender.record();
    await untilState(test.door, 'something is safe', safe(20));
    // Another writer of the index keeps the store waiting, like a disk that spins up or retries.
    const other = new Database(join(session.folder, 'session.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    try {
      const told = await untilState(
        test.door,
        'it is reported',
        (state) => codes(state).includes('store.stalled'),
        4500,
      );
      expect(told.notices.find(({ code }) => code === 'store.stalled')?.message).toContain('waiting in memory');
    } finally {
      other.exec('ROLLBACK');
      other.close();
    }
    await untilState(test.door, 'it continues', (state) => !codes(state).includes('store.stalled'));
    await test.door.call('session.stop', {});
    await test.door.call('session.sealed', { id: session.id });
    for (const id of SOURCES) await expectCounted(session.folder, id, sender.sent[id]);
    using index = new SessionIndex(session.folder);
    expect(index.gaps()).toEqual([]);
    expect(index.all("SELECT 1 FROM event WHERE code = 'store.stalled'").length).toBe(1);
  });

  it('is reopened when it is plugged in again: unsafe data is sent again', async () => {
    await using test = await testEngine();
    await using sender = new Sender(test);
    const session = await sender.record();
    await untilState(test.door, 'something is safe', safe(20));
    test.engine.recorder.session?.restartStore();
    const handedIn = sender.sent.counter;
    await untilState(test.door, 'all of it is safe', safe(handedIn + 20));
    // It is away again for a second, in which a marker is set and Stop is pressed twice: all of that is accepted.
    const other = new Database(join(session.folder, 'session.sqlite'));
    other.exec('BEGIN IMMEDIATE');
    test.engine.recorder.session?.restartStore();
    const asked = [
      test.door.call('marker.add', { code: 'late' }),
      test.door.call('session.stop', {}),
      test.door.call('session.stop', {}),
    ];
    await sleep(1000);
    other.exec('ROLLBACK');
    other.close();
    await Promise.all(asked);
    await test.door.call('session.sealed', { id: session.id });
    for (const id of SOURCES) await expectCounted(session.folder, id, sender.sent[id]);
    using index = new SessionIndex(session.folder);
    expect(index.events().map(({ code }) => code)).toContain('store.restarted');
    expect(index.all('SELECT code FROM marker')).toEqual([{ code: 'late' }]);
  });
});
