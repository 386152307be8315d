/**
 * Keys of upload destinations. If the system has secure storage (Keychain, DPAPI, a Linux keyring), they are stored
 * encrypted by it; otherwise they are only in memory and must be entered again after each start. Electron's
 * fallback on Linux, `basic_text`, encrypts with a publicly known password, so it is refused.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SafeStorage } from 'electron';
import { z } from 'zod';
import type { DestinationKeys } from '../common/destinations.ts';
import { fieldroomError } from '../common/errors.ts';
import { doorClient, WORK_WITHIN_MS } from './applianceMonitor.ts';
import type { EngineReady } from './engineProtocol.ts';

const FILE = 'destination-keys.json';
/** Encrypted keys in base64, by destination id. */
const fileSchema = z.record(z.string(), z.string());

/** The part of Electron's safeStorage used here: calls that exist in every supported version. */
export type Safe = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> &
  Partial<Pick<SafeStorage, 'getSelectedStorageBackend'>>;

export interface KeyStoreOptions {
  userData: string;
  safe: Safe;
  platform: NodeJS.Platform;
  /** The open door; null: none. */
  ready: () => EngineReady | null;
}

export class KeyStore {
  readonly #options: KeyStoreOptions;
  readonly #file: string;
  /** Keys of this run, including those that are only in memory. */
  readonly #memory = new Map<string, DestinationKeys>();

  constructor(options: KeyStoreOptions) {
    this.#options = options;
    this.#file = join(options.userData, FILE);
  }

  /** `safe`: keys are stored on disk; `memory`: they are lost when the app quits. Queries the system's keyring. */
  place(): 'safe' | 'memory' {
    const { safe, platform } = this.#options;
    if (!safe.isEncryptionAvailable()) return 'memory';
    const backend = platform === 'linux' ? (safe.getSelectedStorageBackend?.() ?? 'unknown') : '';
    return backend === 'basic_text' || backend === 'unknown' ? 'memory' : 'safe';
  }

  /**
   * Stores keys and sends them to the recorder; null: deletes them.
   * @throws FieldroomError `app.keys-not-kept`, or the recorder's error
   */
  async keep(id: string, keys: DestinationKeys | null): Promise<{ kept: 'safe' | 'memory' }> {
    const kept = this.place();
    if (keys) this.#memory.set(id, keys);
    else this.#memory.delete(id);
    const { [id]: _, ...others } = this.#read();
    const own = keys && kept === 'safe' ? { [id]: this.#encrypt(keys) } : {};
    if (id in this.#read() || Object.keys(own).length > 0) this.#write({ ...others, ...own });
    const ready = this.#options.ready();
    if (ready) await client(ready).call('destinations.keys', { id, keys });
    return { kept };
  }

  /** Sends a new recorder the keys it needs; deletes keys of destinations that no longer exist. */
  async bring(ready: EngineReady): Promise<void> {
    const stored = this.#read();
    if (Object.keys(stored).length === 0 && this.#memory.size === 0) return;
    const { destinations } = await client(ready).call('uploads.get', {});
    for (const { id } of destinations) {
      const keys = this.#memory.get(id) ?? this.#decrypt(stored[id]);
      if (!keys) continue;
      this.#memory.set(id, keys);
      await client(ready).call('destinations.keys', { id, keys });
    }
    const known = new Set(destinations.map(({ id }) => id));
    for (const id of this.#memory.keys()) if (!known.has(id)) this.#memory.delete(id);
    const left = Object.entries(stored).filter(([id]) => known.has(id));
    if (left.length < Object.keys(stored).length) this.#write(Object.fromEntries(left));
  }

  #encrypt(keys: DestinationKeys): string {
    return this.#options.safe.encryptString(JSON.stringify(keys)).toString('base64');
  }

  /** Null: the system cannot decrypt them, or they were never stored; they must be entered again. */
  #decrypt(text: string | undefined): DestinationKeys | null {
    if (text === undefined || this.place() !== 'safe') return null;
    try {
      return JSON.parse(this.#options.safe.decryptString(Buffer.from(text, 'base64'))) as DestinationKeys;
    } catch {
      return null;
    }
  }

  #read(): Record<string, string> {
    if (!existsSync(this.#file)) return {};
    const parsed = fileSchema.safeParse(jsonOf(readFileSync(this.#file, 'utf8')));
    return parsed.success ? parsed.data : {};
  }

  #write(stored: Record<string, string>): void {
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(stored), { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch (cause) {
      throw fieldroomError('app.keys-not-kept', {}, { cause });
    }
  }
}

const client = ({ url, tokens }: EngineReady) => doorClient({ url, token: tokens.operator }, WORK_WITHIN_MS);

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
