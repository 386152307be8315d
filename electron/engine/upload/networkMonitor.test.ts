import * as os from 'node:os';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchNetwork } from './networkMonitor.ts';

vi.mock('node:os', { spy: true });

const wifi = (address: string): ReturnType<typeof os.networkInterfaces> => ({
  wlan0: [{ address, netmask: '', family: 'IPv4', mac: '', internal: false, cidr: null }],
});

let seen: string[];
let stop: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(os.networkInterfaces).mockReturnValue({});
  seen = [];
  stop = watchNetwork((why) => seen.push(why));
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

it('reports nothing while the computer stays awake on one network', () => {
  vi.advanceTimersByTime(10 * 60_000);
  expect(seen).toEqual([]);
});

it('reports within seconds that the lid was opened again', () => {
  vi.advanceTimersByTime(60_000);
  // Timers stop during suspend; the wall clock does not.
  vi.setSystemTime(Date.now() + 3 * 3600_000);
  vi.advanceTimersByTime(3000);
  expect(seen).toEqual(['sleep']);
  vi.advanceTimersByTime(60_000);
  expect(seen).toEqual(['sleep']);
});

it('reports that a network was connected, changed and disconnected', () => {
  vi.mocked(os.networkInterfaces).mockReturnValue(wifi('10.0.0.7'));
  vi.advanceTimersByTime(3000);
  vi.mocked(os.networkInterfaces).mockReturnValue(wifi('192.168.1.20'));
  vi.advanceTimersByTime(3000);
  vi.mocked(os.networkInterfaces).mockReturnValue({});
  vi.advanceTimersByTime(6000);
  expect(seen).toEqual(['addresses', 'addresses', 'addresses']);
});
