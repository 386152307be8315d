/**
 * An ongoing hole in a stream: reported when it begins, and again with its end when data arrives. If a session begins
 * within it, the session's part is reported to that session.
 */
export interface GapTarget {
  readonly live: boolean;
  gap(fromNs: number, toNs: number | null, cause: string, lost: number | null, detail?: string): void;
}

export class OpenGap {
  #open: { fromNs: number; cause: string } | null = null;
  #told = false;

  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** The first cause counts; later ones are consequences. */
  begin(target: GapTarget | null, fromNs: number, cause: string): void {
    if (this.#open) return;
    this.#open = { fromNs, cause };
    this.#tell(target);
  }

  /** Data arrived again. */
  end(target: GapTarget | null, toNs: number): void {
    const open = this.#open;
    this.#open = null;
    if (open && this.#told && target?.live) target.gap(open.fromNs, Math.max(open.fromNs, toNs), open.cause, null);
    this.#told = false;
  }

  /** A session begins or resumes while nothing arrives. */
  sessionBegins(target: GapTarget | null, nowNs: number): void {
    if (!this.#open) return;
    this.#open.fromNs = nowNs;
    this.#told = false;
    this.#tell(target);
  }

  #tell(target: GapTarget | null): void {
    if (!this.#open || !target?.live) return;
    target.gap(this.#open.fromNs, null, this.#open.cause, null);
    this.#told = true;
  }
}
