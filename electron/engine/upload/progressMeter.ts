/** Bytes, rate and time left of one upload, for display. */

export interface UploadProgress {
  /** Bytes that the destination has confirmed. */
  doneBytes: number;
  totalBytes: number;
  filesDone: number;
  files: number;
  /** Bytes sent by this process, including those that had to be resent. */
  wireBytes: number;
  /** Over the last seconds. */
  bytesPerSecond: number;
  /** null: unknown. */
  secondsLeft: number | null;
}

const WINDOW_MS = 6000;

export class ProgressMeter {
  readonly #totalBytes: number;
  readonly #files: number;
  readonly #history: { atMs: number; bytes: number }[] = [];
  #doneBytes: number;
  #filesDone: number;
  #wireBytes = 0;

  constructor(totalBytes: number, files: number, doneBytes: number, filesDone: number) {
    this.#totalBytes = totalBytes;
    this.#files = files;
    this.#doneBytes = doneBytes;
    this.#filesDone = filesDone;
    this.#history.push({ atMs: performance.now(), bytes: 0 });
  }

  confirmed(bytes: number): void {
    this.#doneBytes += bytes;
  }

  fileDone(): void {
    this.#filesDone += 1;
  }

  wire(bytes: number): void {
    this.#wireBytes += bytes;
  }

  get(): UploadProgress {
    const nowMs = performance.now();
    this.#history.push({ atMs: nowMs, bytes: this.#wireBytes });
    while (this.#history.length > 2 && nowMs - (this.#history[0]?.atMs ?? 0) > WINDOW_MS) this.#history.shift();
    const { atMs, bytes } = this.#history[0] ?? { atMs: nowMs, bytes: 0 };
    const bytesPerSecond = nowMs > atMs ? ((this.#wireBytes - bytes) / (nowMs - atMs)) * 1000 : 0;
    const left = this.#totalBytes - this.#doneBytes;
    return {
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      filesDone: this.#filesDone,
      files: this.#files,
      wireBytes: this.#wireBytes,
      bytesPerSecond,
      secondsLeft: left <= 0 ? 0 : bytesPerSecond > 0 ? left / bytesPerSecond : null,
    };
  }
}
