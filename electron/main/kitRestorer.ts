/** Loads a kit into an engine that has none: the one from the command line, or the one used last. */
import { doorClient, isRecordingState, WORK_WITHIN_MS } from './applianceMonitor.ts';
import type { EngineReady } from './engineProtocol.ts';
import { grantOf, keepLastKit, readKit, readLastKit } from './kits.ts';

export interface KitRestorerOptions {
  userData: string;
  /** Kit from the command line; loaded into the first engine even if that has another kit. */
  kitFile: string | null;
  /** Whether the app starts with the kit used last. */
  remember: boolean;
}

export class KitRestorer {
  readonly #options: KitRestorerOptions;
  #asked: string | null;

  constructor(options: KitRestorerOptions) {
    this.#options = options;
    this.#asked = options.kitFile;
  }

  /** @throws FieldroomError when the kit is invalid or refused */
  async bring(ready: EngineReady): Promise<void> {
    const client = doorClient({ url: ready.url, token: ready.tokens.operator }, WORK_WITHIN_MS);
    const state = await client.call('state.get', {});
    const asked = this.#asked;
    this.#asked = null;
    // A recording from before this app started keeps its kit.
    if (isRecordingState(state) || (asked === null && state.kit !== null)) return;
    const path =
      asked ?? this.#options.kitFile ?? (this.#options.remember ? readLastKit(this.#options.userData) : null);
    if (path === null) return;
    await client.call('kit.load', { ...(await readKit(path)), grant: grantOf(path, ready.grantKey) });
  }

  seen(path: string | null | undefined): void {
    if (this.#options.remember && path) keepLastKit(this.#options.userData, path);
  }
}
