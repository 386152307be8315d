/**
 * The files of one upload: each is sent, proven, and watched until the upload is complete. What the journal believes of an
 * earlier run is no proof: the destination may have lost or changed a file since.
 */
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { type Content, FileContent, MemoryContent } from './content.ts';
import type { Destination, RemoteObject } from './destination.ts';
import { JournalProgress } from './fileProgress.ts';
import type { FileRow, FileState, Journal } from './journal.ts';
import type { ProgressMeter } from './progressMeter.ts';
import { readBack } from './readBack.ts';
import { aboutFile, remedyOf } from './uploadErrors.ts';

/** A file that the destination loses or damages is sent so often, then a person must look. */
const MOST_ROUNDS = 4;

export interface FileUploadOptions {
  journal: Journal;
  upload: number;
  /** The session's folder. */
  folder: string;
  destination: Destination;
  meter: ProgressMeter;
  signal: AbortSignal;
  /** The object's key at the destination. */
  keyOf: (path: string) => string;
  onFile: (path: string, state: FileState) => void;
  /** The file is sent again. */
  onAgain: (error: FieldroomError) => void;
  /** The destination no longer has a file as it was sent: what says that the session is complete there must go. */
  onLost: () => Promise<void>;
}

export class FileUploads {
  readonly #options: FileUploadOptions;
  /** Fingerprints of what was proven in this run, by path. */
  readonly #proven = new Map<string, string | null>();
  /** Files that may replace an object at the destination: it is an earlier copy of ours. */
  readonly #ours = new Set<string>();

  constructor(options: FileUploadOptions) {
    this.#options = options;
  }

  /** The object at this path was put there by Fieldroom, so another one may replace it. */
  mayReplace(path: string): void {
    this.#ours.add(path);
  }

  /** Takes over the proof of an earlier run, if the object is the same as then. @returns false where it is not */
  async keepProof(file: FileRow): Promise<boolean> {
    if (file.state !== 'verified' || file.location === null || file.fingerprint === null) return false;
    const now = await this.#options.destination.fingerprint(file.location);
    if (now !== file.fingerprint) return false;
    this.#proven.set(file.path, now);
    if (isCounted(file.path)) this.#options.meter.fileDone();
    return true;
  }

  /**
   * Sends what is missing of a file and proves it.
   * @param memory the file's bytes, for what is not in the session's folder
   * @returns its location
   */
  async complete(file: FileRow, memory?: Buffer): Promise<string> {
    try {
      return await this.#complete(file, memory);
    } catch (error) {
      throw aboutFile(error, file.path);
    }
  }

  /** @returns the files that the destination has replaced or lost since they were proven; they must be sent again */
  async changedSince(files: readonly FileRow[]): Promise<FileRow[]> {
    const changed: FileRow[] = [];
    for (const { path } of files) {
      const file = this.#row(path);
      const now = file.location === null ? null : await this.#options.destination.fingerprint(file.location);
      if (now !== null && now === this.#proven.get(path)) continue;
      await this.#options.onLost();
      changed.push(this.#forget(file));
    }
    return changed;
  }

  async #complete(first: FileRow, memory?: Buffer): Promise<string> {
    const { destination, journal, meter, onFile, onAgain } = this.#options;
    const object = this.#objectOf(first);
    for (let round = 1, file = first; ; round += 1) {
      try {
        const location = await this.#send(file, object, memory);
        // Taken before the proof, so that a change during the proof is seen as well.
        const fingerprint = await destination.fingerprint(location);
        const proof = await destination.check(object, location, journal.parts(file.id), file.proof);
        journal.verified(file.id, proof, fingerprint);
        this.#proven.set(file.path, fingerprint);
        if (isCounted(file.path)) meter.fileDone();
        onFile(file.path, 'verified');
        return location;
      } catch (error) {
        const isAgain = remedyOf(error) === 'over' || codeOf(error) === 'upload.not-there';
        if (!isAgain || round >= MOST_ROUNDS) throw error;
        onAgain(error as FieldroomError);
        file = await this.#again(file, codeOf(error));
      }
    }
  }

  async #send(file: FileRow, object: RemoteObject, memory?: Buffer): Promise<string> {
    const { journal, destination, meter, folder, signal, onFile } = this.#options;
    if ((file.state === 'sent' || file.state === 'verified') && file.location !== null) return file.location;
    if (file.state === 'pending' && (await this.#isThere(file, object))) {
      journal.sent(file.id, object.key);
      if (isCounted(file.path)) meter.confirmed(file.bytes);
      return object.key;
    }
    const content: Content = memory
      ? new MemoryContent(memory)
      : new FileContent(folder, file.path, file.bytes, file.sha256);
    let counted = 0;
    const progress = new JournalProgress(journal, file, (bytes) => {
      counted += bytes;
      if (isCounted(file.path)) meter.confirmed(bytes);
    });
    const before = progress.parts().reduce((sum, { bytes }) => sum + bytes, 0);
    try {
      onFile(file.path, 'sending');
      const location = await destination.send({ object, content, progress, signal });
      journal.sent(file.id, location);
      if (isCounted(file.path)) meter.confirmed(file.bytes - before - counted);
      onFile(file.path, 'sent');
      return location;
    } finally {
      await content.close();
    }
  }

  /**
   * Whether an object of this name is there already, whole: from an upload whose journal is gone, or a lost answer.
   * @throws FieldroomError `upload.foreign` when it is another one, which is never overwritten
   */
  async #isThere(file: FileRow, object: RemoteObject): Promise<boolean> {
    const { destination } = this.#options;
    const location = destination.locationOf(object.key);
    if (location === null || this.#ours.has(file.path)) return false;
    const bytes = await destination.size(location);
    if (bytes === null) return false;
    if (bytes === object.bytes) {
      const same = await readBack(destination, object, location).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === 'upload.not-whole') return false;
          throw error;
        },
      );
      if (same) return true;
    }
    throw fieldroomError('upload.foreign', { place: destination.place, file: object.key }, { data: { bytes } });
  }

  /** What is known of the file at the server is void, except that parts which differ can be told apart there. */
  async #again(file: FileRow, code: string): Promise<FileRow> {
    const { destination, onLost } = this.#options;
    const now = this.#row(file.path);
    if (code === 'upload.parts-differ') return now;
    if (now.proof !== null) await onLost();
    // What is not whole must not stay there under its name. That it goes matters less than that a whole one comes.
    if (code === 'upload.not-whole' && now.location !== null)
      await destination.remove(now.location).catch(() => undefined);
    return this.#forget(now);
  }

  #forget(file: FileRow): FileRow {
    const { journal, meter } = this.#options;
    const isWhole = file.state === 'sent' || file.state === 'verified';
    const parts = journal.parts(file.id).reduce((sum, { bytes }) => sum + bytes, 0);
    if (isCounted(file.path)) meter.confirmed(-(isWhole ? file.bytes : parts));
    journal.forget(file.id);
    this.#proven.delete(file.path);
    this.#ours.add(file.path);
    return this.#row(file.path);
  }

  #row(path: string): FileRow {
    return this.#options.journal.file(this.#options.upload, path) as FileRow;
  }

  #objectOf({ path, bytes, sha256 }: FileRow): RemoteObject {
    return { key: this.#options.keyOf(path), bytes, sha256 };
  }
}

/** The receipt and annotations are small, made on the way, and no part of what was promised when the upload began. */
const isCounted = (path: string): boolean => path !== 'receipt.json' && !path.startsWith('annotations/');

const codeOf = (error: unknown): string => (error instanceof FieldroomError ? error.code : '');
