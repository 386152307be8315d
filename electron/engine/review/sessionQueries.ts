/**
 * All review queries, run in the reading thread: a query over an hour of samples must not delay the door or the clock
 * probes.
 */
import { fieldroomError } from '../../common/errors.ts';
import type { SessionEntry } from '../../common/review.ts';
import { addMarker, changeMarker, describeSession, recordedMarkers } from '../../session/annotations.ts';
import { readManifest } from '../../session/format/manifest.ts';
import { SessionReader } from '../../session/read/sessionReader.ts';
import { describe } from './description.ts';
import { type Busy, Library } from './library.ts';
import { packetIndex, plotOf, sampleWindow, valuesAt } from './readings.ts';
import type { ReviewWork } from './reviewApi.ts';
import { readReport } from './sessionEntry.ts';
import { checkDelete, emptyTrash, inTrash, moveToTrash, restore } from './trash.ts';

/** Sessions kept open; a person compares two or three. */
const OPEN_READERS = 3;
/** After that no file stays open, so that a USB stick can be removed. */
const IDLE_MS = 20_000;
const AUTHOR = 'operator';

export class SessionQueries {
  readonly #library: Library;
  readonly #readers = new Map<string, SessionReader>();
  #idle: NodeJS.Timeout | null = null;

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
    // The user has confirmed emptying the trash and wants the space now.
    emptyTrash: () => emptyTrash(this.#library.dataFolder, Number.POSITIVE_INFINITY),
    describe: ({ key, ...details }) => describeSession(this.#library.folderOf(key), details, AUTHOR),
    report: ({ key }) => readReport(this.#library.folderOf(key)),
    session: ({ key, live }) => this.#read(key, (reader) => describe(reader, key, live)),
    packets: ({ key, stream, fromNs, toNs, limit }) =>
      this.#read(key, (reader) => packetIndex(reader, stream, BigInt(fromNs), BigInt(toNs), limit)),
    plot: ({ key, fromNs, toNs, ...rest }) =>
      this.#read(key, (reader) => plotOf(reader, { ...rest, fromNs: BigInt(fromNs), toNs: BigInt(toNs) })),
    samples: ({ key, stream, fromNs, toNs, limit }) =>
      this.#read(key, (reader) => sampleWindow(reader, stream, BigInt(fromNs), BigInt(toNs), limit)),
    valuesAt: ({ key, atNs }) => this.#read(key, (reader) => valuesAt(reader, BigInt(atNs))),
    addMarker: ({ key, atNs, code, note }) =>
      addMarker(this.#library.folderOf(key), { atNs: BigInt(atNs), code, note, author: AUTHOR }),
    correctMarker: ({ key, origin, id, atNs, code, note, removed }) => {
      const folder = this.#library.folderOf(key);
      const recorded = this.#read(key, (reader) => recordedMarkers(reader.db));
      if (origin === 'recorded' && !recorded.some((marker) => marker.id === id))
        throw fieldroomError('review.no-marker', { id });
      changeMarker(folder, { origin, marker: id, atNs: BigInt(atNs), code, note, removed, author: AUTHOR });
    },
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

  /** A session that is not sealed is closed immediately: sealing needs exclusive access to its index. */
  #read<T>(key: string, work: (reader: SessionReader) => T): T {
    const folder = this.#library.folderOf(key);
    if (isSealed(folder)) return work(this.#kept(folder));
    this.#release(folder);
    using reader = new SessionReader(folder);
    return work(reader);
  }

  #kept(folder: string): SessionReader {
    let reader = this.#readers.get(folder);
    if (!reader) {
      reader = new SessionReader(folder);
      for (const oldest of [...this.#readers.keys()].slice(0, this.#readers.size - OPEN_READERS + 1))
        this.#release(oldest);
    }
    // The least recently used one is closed first.
    this.#readers.delete(folder);
    this.#readers.set(folder, reader);
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), IDLE_MS).unref();
    return reader;
  }

  #release(folder: string): void {
    this.#readers.get(folder)?.close();
    this.#readers.delete(folder);
  }
}

function isSealed(folder: string): boolean {
  try {
    return readManifest(folder)?.state === 'sealed';
  } catch {
    return false;
  }
}
