/**
 * A publisher with another clock, on another host, behind a bad network: are its times as accurate as the session states?
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { oneMachine, twoHosts, ZERO_S } from '../clock/hosts.ts';
import { type Recorded, recordAcross } from '../clock/record.ts';

const SECONDS = 8;

async function expectKnown(record: (dataFolder: string) => Promise<Recorded>): Promise<void> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'fieldroom-across-'));
  try {
    const { sealed, live, zeroNs, network } = await record(dataFolder);
    expect(zeroNs).toBe(ZERO_S * 1e9);
    expect(network.dropped).toBeGreaterThan(0);
    expect(network.overtaken).toBeGreaterThan(0);
    expect(sealed.length).toBeGreaterThan(100);
    expect(sealed.filter(({ errorNs, uncertaintyNs }) => !(Math.abs(errorNs) <= uncertaintyNs))).toEqual([]);
    // The fastest probes of 1 to 6 ms bound the uncertainty; a session that stated no bound would pass as well.
    for (const { uncertaintyNs } of sealed) expect(uncertaintyNs).toBeLessThan(12e6);
    expect(live.length).toBe(sealed.length);
    const held = live.filter(({ errorNs, uncertaintyNs }) => Math.abs(errorNs) <= uncertaintyNs);
    expect(held.length / live.length).toBeGreaterThanOrEqual(0.99);
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

it.concurrent('on another host with another zero and a quartz 80 ppm off, every sample is within the uncertainty that the session states', () =>
  expectKnown(async (dataFolder) => {
    // As root with separate networks and monotonic clocks.
    await using hosts = await twoHosts();
    return await recordAcross(hosts, { seconds: SECONDS, seed: 11, ppm: 80, dataFolder });
  }));

it.concurrent('on one machine, through the same network on loopback', () =>
  expectKnown((dataFolder) => recordAcross(oneMachine(), { seconds: SECONDS, seed: 12, ppm: -80, dataFolder })));
