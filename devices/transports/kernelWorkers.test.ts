import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { KernelWorkers } from './kernelWorkers.ts';

const proc = mkdtempSync(join(tmpdir(), 'fr-proc-'));
afterEach(() => rmSync(proc, { recursive: true, force: true }));

function thread(id: number, comm: string, waitedNs: number): void {
  mkdirSync(join(proc, String(id)), { recursive: true });
  writeFileSync(join(proc, String(id), 'comm'), `${comm}\n`);
  writeFileSync(join(proc, String(id), 'schedstat'), `1000 ${waitedNs} 7\n`);
}

it.runIf(process.platform === 'linux')('reports the longest wait of a kernel worker between two reads', () => {
  thread(1, 'init', 0);
  thread(20, 'kworker/u8:1-events', 5_000);
  thread(21, 'kworker/u8:2-events', 0);
  thread(22, 'kworker/0:0-events', 0);
  const workers = new KernelWorkers(proc);
  workers.look(100);
  expect(workers.delay).toMatchObject({ sinceNs: 0, beforeNs: 0 });
  // Programs and workers bound to one processor do not transfer the bytes of ports.
  thread(1, 'init', 90_000_000);
  thread(22, 'kworker/0:0-events', 90_000_000);
  thread(20, 'kworker/u8:1-events', 2_005_000);
  thread(21, 'kworker/u8:2-events', 300_000);
  workers.look(200);
  expect(workers.delay).toEqual({ lookedNs: 100, sinceNs: 2_000_000, beforeNs: 0 });
  workers.look(300);
  expect(workers.delay).toEqual({ lookedNs: 200, sinceNs: 0, beforeNs: 2_000_000 });
  workers.look(400);
  expect(workers.delay).toEqual({ lookedNs: 300, sinceNs: 0, beforeNs: 0 });
  workers.close();
});
