/**
 * One appliance per data folder. The lock file `.fieldroom/engine.json` names the engine that uses the folder and how
 * its user finds its door again; only that user can read it. It survives a crash and is then taken over.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { proveDoor } from '../common/doorProof.ts';
import { type FieldroomError, fieldroomError } from '../common/errors.ts';
import { type Kit, kitSchema } from '../common/kit.ts';
import { truthOf } from '../session/folder/prepareFolder.ts';
import { writeWhole } from '../session/folder/writeWhole.ts';
import { Tokens } from './door/tokens.ts';
import { isThere } from './processes.ts';

const lockSchema = z.object({ pid: z.number().int(), url: z.string(), secret: z.string(), startedMs: z.number() });
export type EngineLock = z.infer<typeof lockSchema>;

const privateFolder = (dataFolder: string): string => join(dataFolder, '.fieldroom');
/** Names the engine that uses the folder; exists while one runs. */
export const lockFile = (dataFolder: string): string => join(privateFolder(dataFolder), 'engine.json');

/**
 * Creates the folder and checks that it is writable. @throws FieldroomError `data.not-writable`, `data.full`,
 * `data.not-a-folder`
 */
export function prepareDataFolder(dataFolder: string): void {
  const probe = join(privateFolder(dataFolder), `probe-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(privateFolder(dataFolder), { recursive: true, mode: 0o700 });
    closeToOthers(privateFolder(dataFolder));
    try {
      writeWhole(probe, 'x'.repeat(4096));
    } finally {
      rmSync(probe, { force: true });
    }
  } catch (cause) {
    throw folderError(dataFolder, truthOf(cause, join(dataFolder, '.fieldroom')) as NodeJS.ErrnoException);
  }
}

/** The folder may predate this rule, or have been copied by a program that does not keep file modes. */
function closeToOthers(folder: string): void {
  try {
    chmodSync(folder, 0o700);
  } catch {
    // A file system without modes (FAT, exFAT), or another owner's folder: there is nothing to close.
  }
}

function folderError(folder: string, cause: NodeJS.ErrnoException): FieldroomError {
  const more = { data: { folder }, cause };
  switch (cause.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return fieldroomError('data.full', { folder }, { ...more });
    case 'EEXIST':
    case 'ENOTDIR':
      return fieldroomError('data.not-a-folder', { folder }, { ...more });
    default:
      return fieldroomError('data.not-writable', { folder, code: cause.code ?? cause.message }, { ...more });
  }
}

export function readLock(dataFolder: string): EngineLock | null {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(lockFile(dataFolder), 'utf8')));
  } catch {
    return null;
  }
}

/** True when the engine that the lock names is alive and proves that it wrote the lock. */
export async function isAlive(lock: EngineLock): Promise<boolean> {
  if (!isThere(lock.pid)) return false;
  // Process id and port may belong to another program by now: only a proof at the door counts.
  const token = new Tokens(lock.secret).issue({ role: 'viewer', name: 'lock', expiresMs: 0 });
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      await proveDoor({ url: lock.url, token }, (url) => fetch(url, { signal: AbortSignal.timeout(1000) }));
      return true;
    } catch {
      // Busy, gone, or another program: ask again.
    }
  }
  return false;
}

/** Registers this engine as the one using the folder. */
export function writeLock(dataFolder: string, lock: EngineLock): void {
  writeWhole(lockFile(dataFolder), JSON.stringify(lock), 0o600);
}

export function removeLock(dataFolder: string): void {
  if (readLock(dataFolder)?.pid !== process.pid) return;
  rmSync(lockFile(dataFolder), { force: true });
  rmSync(hostPassFile(dataFolder), { force: true });
}

const hostFile = (dataFolder: string): string => join(privateFolder(dataFolder), 'device-host.pid');

/** Stores the device host's process id for the engine that follows a crash. */
export function keepHostPid(dataFolder: string, pid: number): void {
  try {
    writeFileSync(hostFile(dataFolder), String(pid), { mode: 0o600 });
  } catch {
    // Without it the next engine only waits a moment longer.
  }
}

/** False when the previous engine's device host is certainly gone. */
export function formerHostLives(dataFolder: string): boolean {
  try {
    const pid = Number(readFileSync(hostFile(dataFolder), 'utf8'));
    return pid <= 0 || isThere(pid);
  } catch {
    return true;
  }
}

/** Where the device host finds the current engine: a host that outlived its engine reads this before each attempt. */
export const hostPassFile = (dataFolder: string): string => join(privateFolder(dataFolder), 'device-host.json');

export function keepHostPass(dataFolder: string, door: { url: string; token: string }): void {
  writeWhole(hostPassFile(dataFolder), JSON.stringify(door), 0o600);
}

const kitFile = (dataFolder: string): string => join(privateFolder(dataFolder), 'kit-in-use.json');

/** The kit in use, with its secrets, readable by this user alone: a recorder needs it to continue after a crash. */
export function keepKit(dataFolder: string, kit: Kit): void {
  writeWhole(kitFile(dataFolder), JSON.stringify(kit), 0o600);
}

/** The kit that was in use, or null. */
export function keptKit(dataFolder: string): Kit | null {
  try {
    return kitSchema.parse(JSON.parse(readFileSync(kitFile(dataFolder), 'utf8')));
  } catch {
    return null;
  }
}

const pausesFile = (dataFolder: string): string => join(privateFolder(dataFolder), 'pauses.json');
const pausesSchema = z.object({ clockEpoch: z.string(), sources: z.record(z.string(), z.string()) });
/** Sources that a person paused, and since when on the engine's clock of that epoch (nanoseconds as text). */
export type KeptPauses = z.infer<typeof pausesSchema>;

/** On disk when it returns. @throws the disk's error */
export function keepPauses(dataFolder: string, pauses: KeptPauses): void {
  writeWhole(pausesFile(dataFolder), JSON.stringify(pauses), 0o600);
}

/** What a crashed engine stored, or null. */
export function keptPauses(dataFolder: string): KeptPauses | null {
  try {
    return pausesSchema.parse(JSON.parse(readFileSync(pausesFile(dataFolder), 'utf8')));
  } catch {
    return null;
  }
}

export function forgetPauses(dataFolder: string): void {
  rmSync(pausesFile(dataFolder), { force: true });
}
