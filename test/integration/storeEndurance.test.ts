/**
 * Two hours of a lesson (six cameras, six microphones, sensors) through the store far faster than real time. Memory must
 * not grow. Duration and opening time of the index are only printed, because timing is judged by benches.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { CLOCK, sampleStream, testStore } from '../../electron/engine/store/testKit.ts';
import { openSession } from '../../electron/session/read/sessionReader.ts';
import { summarize } from '../../electron/session/read/summary.ts';

const root = mkdtempSync(join(tmpdir(), 'fieldroom-endurance-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const CHILD = fileURLToPath(new URL('./storeEndurance.entry.ts', import.meta.url));

interface Told {
  seconds: number;
  speed: number;
  /** Every two minutes of the session. */
  megabytes: number[];
  counts: { packets: number; samples: number };
}

describe('two hours of a lesson', () => {
  it('leave memory use constant, and an index that opens at once', async () => {
    const folder = join(root, 'session');
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      '--max-old-space-size=48',
      CHILD,
      folder,
    ]);
    const { seconds, speed, megabytes, counts } = JSON.parse(stdout) as Told;
    // The first ten minutes fill caches and pools once. The baseline is the lowest value of half an hour, and growth is
    // stated for the two hours. In a heap this small the collectors must run, and a leak would end the process.
    const start = Math.min(...megabytes.slice(5, 20));
    const grown = Math.round(((Math.min(...megabytes.slice(-15)) - start) * 60) / 47.5);

    const reading = performance.now();
    const reader = openSession(folder);
    const { streams } = summarize(reader);
    const readMs = performance.now() - reading;
    reader.close();
    expect(streams).toHaveLength(15);
    for (const { kind, count, drops } of streams) {
      expect(count).toBe(kind === 'samples' ? counts.samples : counts.packets);
      expect(drops).toBe(0);
    }

    // Opened for writing, as after the crash that it was.
    const { store, open, declare } = testStore();
    const writing = performance.now();
    open(folder);
    const openMs = performance.now() - writing;
    expect((await declare(sampleStream('imu'), CLOCK)).nextSeq).toBe(counts.samples);
    store.handle({ type: 'close', request: 1 });

    const figures = [
      `two hours in ${seconds.toFixed(1)} s (${speed.toFixed(0)} x)`,
      `memory ${start} MB, grown by ${grown} MB`,
      `figures read in ${readMs.toFixed(0)} ms`,
      `opened for writing in ${openMs.toFixed(0)} ms`,
    ];
    process.stdout.write(`${figures.join('; ')}\n`);
    expect(speed).toBeGreaterThan(20);
    expect(grown, `MB every two minutes: ${megabytes.join(' ')}`).toBeLessThanOrEqual(50);
  }, 360_000);
});
