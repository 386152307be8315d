/** Sources that no kit names: their publishers brought them, and people see them beside those of the kit. */
import type { Stream } from '../../common/stream.ts';
import type { PublisherIdentity } from './ownership.ts';
import { publisherKinds } from './publisherKinds.ts';

export interface GuestSource {
  id: string;
  kind: string;
  driver: string;
  label: string;
  place: string;
  participant?: string | undefined;
  publisher: string;
}

/** What people call a source by its first stream. */
const KINDS = { video: 'camera', audio: 'microphone', samples: 'log' } as const;

export class GuestSources {
  readonly #sources = new Map<string, GuestSource>();

  get all(): GuestSource[] {
    return [...this.#sources.values()];
  }

  find(source: string): GuestSource | undefined {
    return this.#sources.get(source);
  }

  /** @returns the source where it is new; nothing of a publisher that opens the kit's sources is a guest */
  speaks(id: string, { name, kind, participant }: PublisherIdentity, stream?: Stream): GuestSource | null {
    const known = this.#sources.get(id);
    if (known) {
      if (stream) Object.assign(known, { kind: known.kind || KINDS[stream.kind], label: known.label || stream.label });
      return null;
    }
    if (publisherKinds[kind].kitSources !== null) return null;
    const { label = '', place = '' } = stream ?? {};
    const guest = {
      id,
      kind: stream ? KINDS[stream.kind] : '',
      driver: kind,
      label,
      place,
      participant,
      publisher: name,
    };
    this.#sources.set(id, guest);
    return guest;
  }

  /** @param here the publishers at the door @returns the ids of the sources whose publisher is gone */
  forget(here: ReadonlySet<string>): string[] {
    const gone = this.all.filter(({ publisher }) => !here.has(publisher)).map(({ id }) => id);
    for (const id of gone) this.#sources.delete(id);
    return gone;
  }
}
