/** Progress of one file: in the journal, or in memory for small files that are not worth resuming. */
import type { PartRecord, SendProgress } from './destination.ts';
import type { FileRow, Journal } from './journal.ts';

/** Progress stored in the journal; every change is on disk before it counts. */
export class JournalProgress implements SendProgress {
  readonly #journal: Journal;
  readonly #onConfirmed: (bytes: number) => void;
  readonly #file: number;
  serverId: string | null;
  partBytes: number | null;
  completing: boolean;

  /** @param onConfirmed newly confirmed bytes; negative: bytes that no longer count */
  constructor(journal: Journal, file: FileRow, onConfirmed: (bytes: number) => void) {
    this.#journal = journal;
    this.#onConfirmed = onConfirmed;
    this.#file = file.id;
    this.serverId = file.serverId;
    this.partBytes = file.partBytes;
    this.completing = file.state === 'completing';
  }

  parts(): PartRecord[] {
    return this.#journal.parts(this.#file);
  }

  begun(serverId: string, partBytes: number): void {
    this.#uncount();
    this.#journal.begun(this.#file, serverId, partBytes);
    this.serverId = serverId;
    this.partBytes = partBytes;
    this.completing = false;
  }

  confirmed(part: PartRecord): void {
    this.#journal.confirmed(this.#file, part);
    this.#onConfirmed(part.bytes);
  }

  lost(number: number): void {
    const part = this.parts().find((one) => one.number === number);
    if (part) this.#onConfirmed(-part.bytes);
    this.#journal.lost(this.#file, number);
  }

  markCompleting(): void {
    this.#journal.completing(this.#file);
    this.completing = true;
  }

  forget(): void {
    this.#uncount();
    this.#journal.forget(this.#file);
    this.serverId = null;
    this.partBytes = null;
    this.completing = false;
  }

  #uncount(): void {
    for (const { bytes } of this.parts()) this.#onConfirmed(-bytes);
  }
}

export class MemoryProgress implements SendProgress {
  serverId: string | null = null;
  partBytes: number | null = null;
  completing = false;
  #parts: PartRecord[] = [];

  parts(): PartRecord[] {
    return this.#parts;
  }

  begun(serverId: string, partBytes: number): void {
    this.forget();
    this.serverId = serverId;
    this.partBytes = partBytes;
  }

  confirmed(part: PartRecord): void {
    this.#parts.push(part);
  }

  lost(number: number): void {
    this.#parts = this.#parts.filter((part) => part.number !== number);
  }

  markCompleting(): void {
    this.completing = true;
  }

  forget(): void {
    this.#parts = [];
    this.serverId = null;
    this.completing = false;
  }
}
