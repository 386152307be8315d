/**
 * The kits of this laptop: one file each in `<data>/.fieldroom/kits`. A kit opened from another folder stays there and
 * is not in the store.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type ErrorReport, fieldroomError, reportOf } from '../common/errors.ts';
import { type Kit, parseKit } from '../common/kit.ts';
import { replaceFile } from '../session/folder/replaceFile.ts';
import { writeKit } from './kitFile.ts';

export interface StoredKit {
  name: string;
  path: string;
  sources: number;
  changedAtMs: number;
  trouble: ErrorReport | null;
}

const ENDING = '.json';
const ASIDE = '.deleted';

export class KitStore {
  readonly #folder: string;

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, '.fieldroom', 'kits');
  }

  /** Most recently changed first; a damaged kit is listed with its error and does not hide others. */
  list(): StoredKit[] {
    return this.#names()
      .filter((name) => name.endsWith(ENDING))
      .map((name) => describe(join(this.#folder, name)))
      .sort((a, b) => b.changedAtMs - a.changedAtMs);
  }

  /** @throws FieldroomError `kit.not-on-shelf`, `kit.unreadable`, or what `parseKit` finds */
  read(path: string): Kit {
    return readKitFile(this.#own(path));
  }

  /** Writes a kit under a unique name. @returns its path. @throws FieldroomError `kit.not-writable` */
  add(kit: Kit): string {
    mkdirSync(this.#folder, { recursive: true });
    const there = new Set(this.#names());
    const stem = fileStem(kit.name);
    for (let n = 1; ; n += 1) {
      const name = `${stem}${n === 1 ? '' : `-${n}`}${ENDING}`;
      if (there.has(name)) continue;
      const path = join(this.#folder, name);
      writeKit(path, kit);
      return path;
    }
  }

  /** Whether the path names a file of this store. */
  has(path: string): boolean {
    const own = resolve(path);
    return dirname(own) === resolve(this.#folder) && own.endsWith(ENDING);
  }

  /** Renames the file to an extension that is not listed, so that a mistake can be undone by hand. */
  setAside(path: string): void {
    const own = this.#own(path);
    replaceFile(own, `${own}.${Date.now()}${ASIDE}`);
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch {
      return [];
    }
  }

  #own(path: string): string {
    if (this.has(path)) return resolve(path);
    throw fieldroomError('kit.not-on-shelf', { path: basename(path) });
  }
}

function describe(path: string): StoredKit {
  const changedAtMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  try {
    const kit = readKitFile(path);
    return { name: kit.name, path, sources: kit.sources.length, changedAtMs, trouble: null };
  } catch (error) {
    return { name: basename(path, ENDING), path, sources: 0, changedAtMs, trouble: reportOf(error) };
  }
}

function readKitFile(path: string): Kit {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw fieldroomError('kit.unreadable:stored', { path: basename(path) }, { cause });
  }
  return parseKit(text, basename(path));
}

/** `Room 12, "Küche"` becomes `room-12-k-che`: safe on every file system. */
const fileStem = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'kit';
