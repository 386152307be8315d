import { expect, it } from 'vitest';
import { NewDevices } from './newDevices.ts';

it('reports devices plugged in while somebody watched, for a minute, and again after a replug', () => {
  const devices = new NewDevices();
  expect([...devices.look([], 0)]).toEqual([]);
  expect([...devices.look(['camera a'], 100_000)]).toEqual([]);
  // The device host reports slightly later than the capture window.
  expect([...devices.look(['camera a', 'port b'], 102_000)]).toEqual([]);
  expect([...devices.look(['camera a', 'port b', 'camera c'], 200_000)]).toEqual(['camera c']);
  expect([...devices.look(['camera a', 'port b', 'camera c'], 259_000)]).toEqual(['camera c']);
  expect([...devices.look(['camera a', 'port b', 'camera c'], 261_000)]).toEqual([]);
  devices.look(['port b', 'camera c'], 262_000);
  expect([...devices.look(['camera a', 'port b', 'camera c'], 263_000)]).toEqual(['camera a']);
});
