/**
 * The folder of an export. It is written as `NAME.partial` and renamed when complete, so a folder without `.partial` is
 * complete. A list of finished tasks lets a killed export resume; an error removes everything.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fieldroomError } from '../common/errors.ts';

export const EXPORT_MANIFEST = 'export.json';
const TASKS = '.tasks.jsonl';

export interface ExportFile {
  /** Relative to the export's folder, with `/`. */
  path: string;
  about: string;
  bytes: number;
  sha256: string;
}

/** What a task reports while it works. */
export interface TaskFiles {
  /** Adds a file and creates its folder. @param path with `/`. @returns the path to write to */
  add(path: string, about: string): Promise<string>;
  /** Deletes and unlists a file that turned out to be empty. */
  drop(path: string): Promise<void>;
  /** A note for the reader of the export about data that was omitted, rounded or damaged. */
  note(text: string): void;
  /** Absolute path of a file of this export, from this task or an earlier one. */
  path(path: string): string;
}

interface Done {
  task: string;
  files: ExportFile[];
  notes: string[];
}

export class ExportFolder {
  readonly #out: string;
  readonly #working: string;
  readonly #replace: boolean;
  readonly #done: Done[] = [];

  private constructor(out: string, replace: boolean) {
    this.#out = out;
    this.#working = `${out}.partial`;
    this.#replace = replace;
  }

  /**
   * @param identity of the session and options: a `.partial` folder with another identity is deleted.
   * @param replace whether an earlier export at this path may be replaced. @throws FieldroomError `export.folder-in-use`
   */
  static async open(out: string, identity: string, replace: boolean): Promise<ExportFolder> {
    const folder = new ExportFolder(resolve(out), replace);
    folder.#checkFree();
    await folder.#resume(identity);
    return folder;
  }

  get files(): ExportFile[] {
    return this.#done.flatMap(({ files }) => files);
  }

  get notes(): string[] {
    return [...new Set(this.#done.flatMap(({ notes }) => notes))];
  }

  isDone(task: string): boolean {
    return this.#done.some((done) => done.task === task);
  }

  /** Runs one task and records the files it wrote. */
  async run(task: string, work: (files: TaskFiles) => Promise<void> | void): Promise<void> {
    const added = new Map<string, string>();
    const notes: string[] = [];
    await work({
      add: async (path, about) => {
        added.set(path, about);
        const at = this.#at(path);
        await mkdir(dirname(at), { recursive: true });
        return at;
      },
      drop: async (path) => {
        added.delete(path);
        await rm(this.#at(path), { force: true });
      },
      note: (text) => void notes.push(text),
      path: (path) => this.#at(path),
    });
    const files: ExportFile[] = [];
    for (const [path, about] of added)
      files.push({ path, about, bytes: statSync(this.#at(path)).size, sha256: await sha256Of(this.#at(path)) });
    const done = { task, files, notes };
    await appendFile(join(this.#working, TASKS), `${JSON.stringify(done)}\n`);
    this.#done.push(done);
  }

  /** Writes the manifest and renames the folder to its final name. @returns its path */
  async finish(manifest: object): Promise<string> {
    const content = { ...manifest, notes: this.notes, files: this.files };
    await writeFile(join(this.#working, EXPORT_MANIFEST), `${JSON.stringify(content, null, 2)}\n`);
    await rm(join(this.#working, TASKS));
    this.#checkFree();
    if (existsSync(this.#out)) {
      if (this.#replace && readdirSync(this.#out).length > 0) await rm(this.#out, { recursive: true });
      else await rmdir(this.#out);
    }
    await rename(this.#working, this.#out);
    return this.#out;
  }

  /** Removes the whole export. */
  async remove(): Promise<void> {
    await rm(this.#working, { recursive: true, force: true });
  }

  #at(path: string): string {
    return join(this.#working, ...path.split('/'));
  }

  #checkFree(): void {
    if (!existsSync(this.#out)) return;
    if (!statSync(this.#out).isDirectory()) throw fieldroomError('export.folder-in-use:file', { folder: this.#out });
    const names = readdirSync(this.#out);
    if (names.length === 0) return;
    if (!names.includes(EXPORT_MANIFEST)) throw fieldroomError('export.folder-in-use', { folder: this.#out });
    if (!this.#replace) throw fieldroomError('export.folder-in-use:export', { folder: this.#out });
  }

  async #resume(identity: string): Promise<void> {
    const list = join(this.#working, TASKS);
    const lines = existsSync(list) ? (await readFile(list, 'utf8')).split('\n') : [];
    if (lines[0] !== identity) {
      await this.remove();
      await mkdir(this.#working, { recursive: true });
      await writeFile(list, `${identity}\n`);
      return;
    }
    // A line truncated by a crash belongs to an unfinished task.
    for (const line of lines.slice(1, -1)) {
      const done = JSON.parse(line) as Done;
      if (done.files.every(({ path, bytes }) => statSync(this.#at(path), { throwIfNoEntry: false })?.size === bytes))
        this.#done.push(done);
    }
    await writeFile(list, `${[identity, ...this.#done.map((done) => JSON.stringify(done))].join('\n')}\n`);
    await this.#removeOthers();
  }

  /** Removes the files of an unfinished task. */
  async #removeOthers(): Promise<void> {
    const known = new Set([TASKS, ...this.files.map(({ path }) => path)]);
    const names = readdirSync(this.#working, { recursive: true, encoding: 'utf8', withFileTypes: true });
    for (const entry of names) {
      if (!entry.isFile()) continue;
      const at = join(entry.parentPath, entry.name);
      const path = at.slice(this.#working.length + 1).replaceAll('\\', '/');
      if (!known.has(path)) await rm(at);
    }
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** @returns null if the folder is not an export. */
export function readExportManifest(folder: string): Record<string, unknown> | null {
  const path = join(folder, EXPORT_MANIFEST);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>) : null;
}
