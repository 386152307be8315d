/** Sources that are not in the kit: their publishers declared them, and they are shown beside the kit's. */
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

/** A source's displayed name, from its first stream. */
const KINDS = { video: 'camera', audio: 'microphone', samples: 'log' } as const;

export class GuestSources {
  readonly #sources = new Map<string, GuestSource>();

  get all(): GuestSource[] {
    return [...this.#sources.values()];
  }

  find(source: string): GuestSource | undefined {
    return this.#sources.get(source);
  }

  /** @returns the source if it is new; publishers of the kit's sources have no guest sources */
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
