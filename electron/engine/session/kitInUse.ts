/**
 * The kit that defines what is recorded. It is stored in the data folder, so that the same kit is used after a crash.
 */
import { fieldroomError } from '../../common/errors.ts';
import { type Kit, matchSchema, type Source } from '../../common/kit.ts';
import { keepKit } from '../dataFolder.ts';

/** A kit, and its file; null: it has none. */
export interface KitAt {
  kit: Kit;
  path: string | null;
}

export class KitInUse {
  readonly #dataFolder: string;
  #at: KitAt | null = null;
  #revision = 0;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  get at(): KitAt | null {
    return this.#at;
  }

  /** Incremented with each change, so that an editor notices changes made elsewhere. */
  get revision(): number {
    return this.#revision;
  }

  get sources(): readonly Source[] {
    return this.#at?.kit.sources ?? [];
  }

  /** @throws FieldroomError `session.no-kit` */
  needed(): KitAt {
    if (!this.#at) throw fieldroomError('session.no-kit');
    return this.#at;
  }

  take(kit: Kit, path: string | null): void {
    this.#at = { kit, path };
    this.#revision += 1;
    keepKit(this.#dataFolder, kit);
  }

  /** A person chose which of several identical devices a source means. @returns the kit with the answer in it */
  choose(source: string, match: Record<string, string>): KitAt {
    const { kit, path } = this.needed();
    const chosen = matchSchema.parse(match);
    const sources = kit.sources.map((other) => (other.id === source ? { ...other, match: chosen } : other));
    this.take({ ...kit, sources }, path);
    return this.needed();
  }
}
