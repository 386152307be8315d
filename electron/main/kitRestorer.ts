/** Brings a kit to an engine that has none: the one of the command line, else the one used last. */
import { doorClient, isRecordingState, WORK_WITHIN_MS } from './applianceMonitor.ts';
import type { EngineReady } from './engineProtocol.ts';
import { grantOf, keepLastKit, readKit, readLastKit } from './kits.ts';

export interface KitRestorerOptions {
  userData: string;
  /** Kit of the command line; loaded into the first engine even if that has another. */
  kitFile: string | null;
  /** Whether tomorrow begins with the kit of today. */
  remember: boolean;
}

export class KitRestorer {
  readonly #options: KitRestorerOptions;
  #asked: string | null;

  constructor(options: KitRestorerOptions) {
    this.#options = options;
    this.#asked = options.kitFile;
  }

  /** @throws FieldroomError when the kit is wrong or refused */
  async bring(ready: EngineReady): Promise<void> {
    const client = doorClient({ url: ready.url, token: ready.tokens.operator }, WORK_WITHIN_MS);
    const state = await client.call('state.get', {});
    const asked = this.#asked;
    this.#asked = null;
    // Of a recording that another life of this app began, the kit stands.
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
