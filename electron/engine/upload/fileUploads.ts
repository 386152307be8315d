/**
 * The files of one upload: each is sent, verified, and monitored until the upload is complete. The journal of an
 * earlier run is not proof: the destination may have lost or changed a file since.
 */
import { FieldroomError, fieldroomError } from '../../common/errors.ts';
import { type Content, FileContent, MemoryContent } from './content.ts';
import type { Destination, RemoteObject } from './destination.ts';
import { JournalProgress } from './fileProgress.ts';
import type { FileRow, FileState, Journal } from './journal.ts';
import type { ProgressMeter } from './progressMeter.ts';
import { readBack } from './readBack.ts';
import { aboutFile, remedyOf } from './uploadErrors.ts';

/** Maximum times a file is sent if the destination loses or damages it; after that a person must act. */
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
  /** The file will be sent again. */
  onAgain: (error: FieldroomError) => void;
  /**
   * The destination no longer has a file as sent: the manifest, which marks the session as complete, must be removed.
   */
  onLost: () => Promise<void>;
}

export class FileUploads {
  readonly #options: FileUploadOptions;
  /** Fingerprints of the objects verified in this run, by path. */
  readonly #proven = new Map<string, string | null>();
  /** Files that may replace an object at the destination: it is an earlier copy of ours. */
  readonly #ours = new Set<string>();

  constructor(options: FileUploadOptions) {
    this.#options = options;
  }

  /** Fieldroom created the object at this path, so it may be replaced. */
  mayReplace(path: string): void {
    this.#ours.add(path);
  }

  /** Reuses the proof of an earlier run if the object has not changed. @returns false if it has */
  async keepProof(file: FileRow): Promise<boolean> {
    if (file.state !== 'verified' || file.location === null || file.fingerprint === null) return false;
    const now = await this.#options.destination.fingerprint(file.location);
    if (now !== file.fingerprint) return false;
    this.#proven.set(file.path, now);
    if (isCounted(file.path)) this.#options.meter.fileDone();
    return true;
  }

  /**
   * Sends the missing parts of a file and verifies it.
   * @param memory the file's bytes, if it is not in the session's folder
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
        // Taken before verifying, so that a change during verification is detected too.
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
   * Whether a complete object with this name already exists: from an upload whose journal is gone, or after a lost
   * answer.
   * @throws FieldroomError `upload.foreign` when it is a different object, which is never overwritten
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

  /** Discards the stored progress of the file, except where the server can distinguish parts that differ. */
  async #again(file: FileRow, code: string): Promise<FileRow> {
    const { destination, onLost } = this.#options;
    const now = this.#row(file.path);
    if (code === 'upload.parts-differ') return now;
    if (now.proof !== null) await onLost();
    // An incomplete object should not keep its name. If it cannot be removed, the complete one will replace it.
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

/** The receipt and annotations are small, created during the upload, and not part of its initial total. */
const isCounted = (path: string): boolean => path !== 'receipt.json' && !path.startsWith('annotations/');

const codeOf = (error: unknown): string => (error instanceof FieldroomError ? error.code : '');
