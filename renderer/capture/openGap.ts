/**
 * A hole in a stream that lasts: told when it begins, told again with its end when data comes. Where a session begins
 * within it, the session's part of it is told to that session.
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

  /** The first cause counts: what follows from it is no cause. */
  begin(target: GapTarget | null, fromNs: number, cause: string): void {
    if (this.#open) return;
    this.#open = { fromNs, cause };
    this.#tell(target);
  }

  /** Data came again. */
  end(target: GapTarget | null, toNs: number): void {
    const open = this.#open;
    this.#open = null;
    if (open && this.#told && target?.live) target.gap(open.fromNs, Math.max(open.fromNs, toNs), open.cause, null);
    this.#told = false;
  }

  /** A session begins or goes on while nothing comes. */
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
