/**
 * All that review asks of sessions, in the thread that reads them: a query over an hour of samples must keep neither the
 * door nor the clock's probes waiting.
 */
import { FieldroomError } from '../../common/errors.ts';
import type { SessionEntry } from '../../common/review.ts';
import { SessionReader } from '../store/sessionReader.ts';
import { addMarker, changeMarker, recordedMarkers } from './annotations.ts';
import { describe } from './description.ts';
import { type Busy, Library } from './library.ts';
import { packetIndex, plotOf, sampleWindow, valuesAt } from './readings.ts';
import type { ReviewWork } from './reviewApi.ts';
import { checkDelete, emptyTrash, inTrash, moveToTrash, restore } from './trash.ts';

/** Sessions kept open; a person compares two or three. */
const OPEN_READERS = 3;
const AUTHOR = 'operator';

export class ReviewDesk {
  readonly #library: Library;
  readonly #readers = new Map<string, SessionReader>();

  constructor(dataFolder: string) {
    this.#library = new Library(dataFolder);
  }

  readonly work: ReviewWork = {
    list: ({ search, busy }) => this.#library.list(busy, search),
    open: ({ folder, busy }) => this.#library.open(folder, busy),
    folder: ({ key }) => this.#library.folderOf(key),
    verified: ({ key }) => this.#library.forget(this.#library.folderOf(key)),
    delete: ({ key, typedName, busy }) => this.#delete(key, typedName, busy),
    trash: () => inTrash(this.#library.dataFolder),
    restore: ({ id }) => restore(this.#library.dataFolder, id),
    emptyTrash: () => emptyTrash(this.#library.dataFolder),
    session: ({ key, live }) => describe(this.#reader(key), key, live),
    packets: ({ key, stream, fromNs, toNs, limit }) =>
      packetIndex(this.#reader(key), stream, BigInt(fromNs), BigInt(toNs), limit),
    plot: ({ key, fromNs, toNs, ...rest }) =>
      plotOf(this.#reader(key), { ...rest, fromNs: BigInt(fromNs), toNs: BigInt(toNs) }),
    samples: ({ key, stream, fromNs, toNs, limit }) =>
      sampleWindow(this.#reader(key), stream, BigInt(fromNs), BigInt(toNs), limit),
    valuesAt: ({ key, atNs }) => valuesAt(this.#reader(key), BigInt(atNs)),
    addMarker: ({ key, atNs, code, note }) =>
      addMarker(this.#library.folderOf(key), { atNs: BigInt(atNs), code, note, author: AUTHOR }),
    correctMarker: ({ key, origin, id, atNs, code, note, removed }) => {
      const folder = this.#library.folderOf(key);
      if (origin === 'recorded' && !recordedMarkers(this.#reader(key).db).some((marker) => marker.id === id))
        throw new FieldroomError('review.no-marker', `This session has no marker ${id}.`);
      changeMarker(folder, { origin, marker: id, atNs: BigInt(atNs), code, note, removed, author: AUTHOR });
    },
    release: () => this.close(),
  };

  close(): void {
    for (const reader of this.#readers.values()) reader.close();
    this.#readers.clear();
  }

  #delete(key: string, typedName: string, busy: Busy): string {
    const folder = this.#library.folderOf(key);
    const entry: SessionEntry = this.#library.entry(folder, busy);
    checkDelete(entry, typedName);
    this.#release(folder);
    const id = moveToTrash(this.#library.dataFolder, folder);
    this.#library.forget(folder);
    return id;
  }

  #reader(key: string): SessionReader {
    const folder = this.#library.folderOf(key);
    let reader = this.#readers.get(folder);
    if (!reader) {
      reader = new SessionReader(folder);
      for (const oldest of [...this.#readers.keys()].slice(0, this.#readers.size - OPEN_READERS + 1))
        this.#release(oldest);
    }
    // The last one used is the last one closed.
    this.#readers.delete(folder);
    this.#readers.set(folder, reader);
    return reader;
  }

  #release(folder: string): void {
    this.#readers.get(folder)?.close();
    this.#readers.delete(folder);
  }
}
