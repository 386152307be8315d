import { describe, expect, it } from 'vitest';
import { Retrier, retryAfterMs } from './retry.ts';
import { trouble } from './uploadErrors.ts';

const retrier = (deadlineMs: number, waits: number[] = []) =>
  new Retrier({
    deadlineMs,
    firstPauseMs: 1,
    signal: new AbortController().signal,
    onWait: (_, ms) => waits.push(ms),
  });

describe('retrier', () => {
  it('retries temporary errors with growing delays, and waits as long as the server asks', async () => {
    const waits: number[] = [];
    let tries = 0;
    const result = await retrier(10_000, waits).retry(async () => {
      tries += 1;
      if (tries === 2) throw trouble('busy', 'x', '', { data: { retryAfterMs: 120 } });
      if (tries < 5) throw trouble('unreachable', 'x');
      return tries;
    });
    expect(result).toBe(5);
    expect(waits[1]).toBe(120);
    expect(waits[3]).toBeGreaterThan(waits[0] ?? 0);
  });

  it('does not retry errors that need a person, and gives up when nothing gets through', async () => {
    let tries = 0;
    const fail = (name: 'credentials' | 'unreachable') => async () => {
      tries += 1;
      throw trouble(name, 'x');
    };
    await expect(retrier(1000).retry(fail('credentials'))).rejects.toMatchObject({ code: 'upload.credentials' });
    expect(tries).toBe(1);
    await expect(retrier(30).retry(fail('unreachable'))).rejects.toMatchObject({ code: 'upload.unreachable' });
    expect(tries).toBeGreaterThan(2);
  });

  it('increases the delay once when one outage hits all pending requests, not once for each', async () => {
    const waits: number[] = [];
    const signal = new AbortController().signal;
    const shared = new Retrier({ deadlineMs: 10_000, firstPauseMs: 40, signal, onWait: (_, ms) => waits.push(ms) });
    const away = async (untilMs: number): Promise<void> => {
      if (performance.now() < untilMs) throw trouble('unreachable', 'x');
    };
    const untilMs = performance.now() + 100;
    await Promise.all(Array.from({ length: 12 }, () => shared.retry(() => away(untilMs))));
    expect(waits.length).toBeGreaterThanOrEqual(12);
    // At most delays of 20, 40 and 80 ms fit into the outage; a fourth step would be 320.
    expect(Math.max(...waits)).toBeLessThanOrEqual(320);
  });

  it('reads Retry-After in seconds and as a date', () => {
    expect(retryAfterMs('3')).toBe(3000);
    expect(retryAfterMs('Sun, 22 Nov 2026 10:00:05 GMT', Date.UTC(2026, 10, 22, 10))).toBe(5000);
    expect(retryAfterMs('soon')).toBe(0);
  });
});
