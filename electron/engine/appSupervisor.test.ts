import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppSupervisor } from './appSupervisor.ts';

let folder: string;
let recording: boolean;
let ends: number;
let keeper: AppSupervisor;

/** An app that writes its process id and an environment variable, and exits immediately. */
const APP = `require('node:fs').appendFileSync('lives', process.pid + ' ' + process.env.WORD + '\\n')`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldroom-keeper-'));
  recording = true;
  ends = 0;
  keeper = new AppSupervisor({
    app: { command: process.execPath, args: ['-e', APP], cwd: folder, env: { WORD: 'own' } },
    isRecording: () => recording,
    end: () => {
      ends += 1;
    },
    log: () => undefined,
    againMs: [100],
    pollMs: 10,
  });
});
afterEach(() => {
  keeper.stop();
  // On Windows a process locks its working folder until it exits.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

function lives(): string[] {
  try {
    return readFileSync(join(folder, 'lives'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
}

describe('an engine whose app is gone', () => {
  it('ends immediately when nothing is being recorded', () => {
    recording = false;
    keeper.orphaned(true);
    expect(ends).toBe(1);
  });

  it('restarts the app during a recording as often as needed, and ends when the recording ends', async () => {
    keeper.orphaned(true);
    await expect.poll(() => lives().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
    expect(new Set(lives()).size).toBe(lives().length);
    for (const life of lives()) expect(life).toMatch(/^\d+ own$/);
    expect(ends).toBe(0);
    recording = false;
    await expect.poll(() => ends).toBe(1);
  });

  it('starts nothing while an app is attached, until that app dies too', async () => {
    keeper.attend(process.pid);
    recording = false;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect({ ends, lives: lives() }).toEqual({ ends: 0, lives: [] });
    recording = true;
    // No process has this id: ids end at 2^22 (proc(5), pid_max).
    keeper.attend(2 ** 22 + 1);
    await expect.poll(() => lives().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(1);
  });

  it('starts nothing when the app detached deliberately, and ends with the recording', async () => {
    keeper.orphaned(false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(lives()).toEqual([]);
    recording = false;
    await expect.poll(() => ends).toBe(1);
  });
});
