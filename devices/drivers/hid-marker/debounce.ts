/**
 * Debounces a contact: the first edge counts immediately, later ones within the debounce time are held back, and the
 * final state is reported when the time is over. Edges are reported in order: those of other buttons wait behind a held
 * one, at most for the debounce time. Pure: times are passed in.
 */
import type { MarkerEdge } from './parser.ts';

interface Contact {
  told: boolean;
  toldNs: number;
  held: TimedEdge | null;
}

export interface TimedEdge {
  edge: MarkerEdge;
  arrivedNs: number;
}

export class Debounce {
  readonly #windowNs: number;
  readonly #contacts = new Map<number, Contact>();
  /** Edges not reported yet, in order; the first one is held. */
  #queue: TimedEdge[] = [];

  constructor(windowMs: number) {
    this.#windowNs = windowMs * 1e6;
  }

  /** The edges to record now; held ones, and those behind them, are returned by `due`. */
  take(edge: MarkerEdge, arrivedNs: number): TimedEdge[] {
    this.#settle(arrivedNs);
    const timed = { edge, arrivedNs };
    const contact = this.#contacts.get(edge.button);
    if (!edge.bounces) this.#queue.push(timed);
    else if (contact && arrivedNs - contact.toldNs < this.#windowNs) {
      this.#queue = this.#queue.filter((one) => one !== contact.held);
      // Back to the reported state: the contact only bounced.
      contact.held = edge.pressed === contact.told ? null : timed;
      if (contact.held) this.#queue.push(timed);
    } else {
      this.#contacts.set(edge.button, { told: edge.pressed, toldNs: arrivedNs, held: null });
      this.#queue.push(timed);
    }
    return this.#tell();
  }

  /** Edges whose debounce time is over. */
  due(nowNs: number): TimedEdge[] {
    this.#settle(nowNs);
    return this.#tell();
  }

  get isHolding(): boolean {
    return this.#queue.length > 0;
  }

  /** Held edges whose time is over become the final state. */
  #settle(nowNs: number): void {
    for (const contact of this.#contacts.values()) {
      if (!contact.held || nowNs - contact.toldNs < this.#windowNs) continue;
      contact.told = contact.held.edge.pressed;
      contact.toldNs = contact.held.arrivedNs;
      contact.held = null;
    }
  }

  /** Removes everything before the first held edge. */
  #tell(): TimedEdge[] {
    const held = new Set([...this.#contacts.values()].map((contact) => contact.held));
    const first = this.#queue.findIndex((one) => held.has(one));
    return this.#queue.splice(0, first < 0 ? this.#queue.length : first);
  }
}
