/** The list of sessions: those in the data folder, and other folders that a person opened. */
import { resolve } from 'node:path';
import { fieldroomError } from '../../common/errors.ts';
import { matches, type ReviewState, type SessionEntry } from '../../common/review.ts';
import { foldersIn, hasFile, isThere, realFolder } from '../../session/folder/dataFolder.ts';
import { MANIFEST, type ManifestFile } from '../../session/format/manifest.ts';
import { sessionFolders } from '../../session/read/sessionFolders.ts';
import { keyOf, liveState, readEntry, stampOf, withFileTrouble } from './sessionEntry.ts';

/** The recorder's current activity, by session folder. */
export type Busy = Readonly<Record<string, ReviewState>>;

export class Library {
  readonly dataFolder: string;
  readonly #folders = new Map<string, string>();
  /** Opened from other folders in this run; their drives may be unplugged at any time. */
  readonly #elsewhere = new Set<string>();
  readonly #known = new Map<string, { stamp: string; entry: SessionEntry; files: readonly ManifestFile[] }>();

  constructor(dataFolder: string) {
    this.dataFolder = resolve(dataFolder);
  }

  /** The newest first. */
  list(busy: Busy, search = ''): SessionEntry[] {
    for (const folder of this.#elsewhere) if (!isThere(folder)) this.#elsewhere.delete(folder);
    const folders = [...sessionFolders(this.dataFolder), ...this.#elsewhere];
    return folders
      .map((folder) => this.entry(folder, busy))
      .filter((entry) => matches(entry, search))
      .sort((a, b) => (b.startedAtMs ?? 0) - (a.startedAtMs ?? 0) || b.id.localeCompare(a.id));
  }

  /** Adds any folder to the list. @throws FieldroomError `review.no-folder`, `review.no-session` */
  open(path: string, busy: Busy): SessionEntry {
    let folder: string;
    try {
      folder = realFolder(path);
    } catch (cause) {
      throw fieldroomError('review.no-folder', { path }, { cause });
    }
    const inside = hasFile(folder, MANIFEST) ? folder : (onlySessionIn(folder) ?? folder);
    const entry = this.entry(inside, busy);
    if (entry.elsewhere) this.#elsewhere.add(inside);
    return entry;
  }

  entry(folder: string, busy: Busy = {}): SessionEntry {
    const stamp = stampOf(folder);
    let known = this.#known.get(folder);
    if (known?.stamp !== stamp) {
      known = { stamp, ...readEntry(folder, this.dataFolder) };
      this.#known.set(folder, known);
    }
    this.#folders.set(known.entry.key, folder);
    // Checked every time: no timestamp shows that a file inside was truncated or removed.
    return liveState(withFileTrouble(known.entry, known.files), busy[folder]);
  }

  /** @throws FieldroomError `review.unknown` */
  folderOf(key: string): string {
    const known = this.#folders.get(key);
    if (known && isThere(known)) return known;
    // A window may remember a key from before this recorder was started.
    const found = sessionFolders(this.dataFolder).find((folder) => keyOf(folder) === key);
    if (found) {
      this.#folders.set(key, found);
      return found;
    }
    throw fieldroomError('review.unknown');
  }

  /** Invalidates cached information about it. */
  forget(folder: string): void {
    this.#known.delete(folder);
    this.#folders.delete(keyOf(folder));
    this.#elsewhere.delete(folder);
  }
}

/** Choosing the folder of a copied study with a single session opens that session. */
function onlySessionIn(folder: string): string | null {
  const found = foldersIn(folder).filter((inner) => hasFile(inner, MANIFEST));
  if (found.length > 1) throw fieldroomError('review.many-sessions', { folder, length: found.length });
  return found[0] ?? null;
}
