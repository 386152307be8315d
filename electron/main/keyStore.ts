/**
 * Keys of upload destinations. Where the system has a safe place (Keychain, DPAPI, a Linux keyring) they are kept
 * encrypted by it; where it has none, they are in memory alone and must be entered again after each start. Electron's
 * own fallback on Linux, `basic_text`, is encryption with a password that everybody knows: it is refused.
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
/** By id of the destination: encrypted, base64. */
const fileSchema = z.record(z.string(), z.string());

/** The part of Electron's that is used: the calls that every version has which runs this app. */
export type Safe = Pick<SafeStorage, 'isEncryptionAvailable' | 'encryptString' | 'decryptString'> &
  Partial<Pick<SafeStorage, 'getSelectedStorageBackend'>>;

export interface KeyStoreOptions {
  userData: string;
  safe: Safe;
  platform: NodeJS.Platform;
  /** The door that is open now; null: none. */
  ready: () => EngineReady | null;
}

export class KeyStore {
  readonly #options: KeyStoreOptions;
  readonly #file: string;
  /** Of this run; also those that nobody keeps. */
  readonly #memory = new Map<string, DestinationKeys>();

  constructor(options: KeyStoreOptions) {
    this.#options = options;
    this.#file = join(options.userData, FILE);
  }

  /** `safe`: keys outlive the app; `memory`: they do not. Asks the system for its keyring. */
  place(): 'safe' | 'memory' {
    const { safe, platform } = this.#options;
    if (!safe.isEncryptionAvailable()) return 'memory';
    const backend = platform === 'linux' ? (safe.getSelectedStorageBackend?.() ?? 'unknown') : '';
    return backend === 'basic_text' || backend === 'unknown' ? 'memory' : 'safe';
  }

  /**
   * Keeps keys and gives them to the recorder; null: forgets them.
   * @throws FieldroomError `app.keys-not-kept`, or what the recorder says
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

  /** Gives a new recorder the keys it needs; keys of destinations that are no more are forgotten. */
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

  /** Null: the system does not give them out, or never had them; they must be entered again. */
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
