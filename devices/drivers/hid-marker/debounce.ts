/**
 * Bounce of a contact: the first edge counts at once, what follows within the time is held back, and what it came to is
 * told when the time is over. Edges are told in the order in which they came: those of other buttons wait behind a held
 * one, for the time at most. Pure: times are handed in.
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
  /** What is not told yet, in order; the first one is held. */
  #queue: TimedEdge[] = [];

  constructor(windowMs: number) {
    this.#windowNs = windowMs * 1e6;
  }

  /** What is to be recorded now; of a held one, and of those behind it, `due` will tell. */
  take(edge: MarkerEdge, arrivedNs: number): TimedEdge[] {
    this.#settle(arrivedNs);
    const timed = { edge, arrivedNs };
    const contact = this.#contacts.get(edge.button);
    if (!edge.bounces) this.#queue.push(timed);
    else if (contact && arrivedNs - contact.toldNs < this.#windowNs) {
      this.#queue = this.#queue.filter((one) => one !== contact.held);
      // Back to what was told: the contact only bounced.
      contact.held = edge.pressed === contact.told ? null : timed;
      if (contact.held) this.#queue.push(timed);
    } else {
      this.#contacts.set(edge.button, { told: edge.pressed, toldNs: arrivedNs, held: null });
      this.#queue.push(timed);
    }
    return this.#tell();
  }

  /** Edges whose time is over. */
  due(nowNs: number): TimedEdge[] {
    this.#settle(nowNs);
    return this.#tell();
  }

  get isHolding(): boolean {
    return this.#queue.length > 0;
  }

  /** Held edges whose time is over are what it came to. */
  #settle(nowNs: number): void {
    for (const contact of this.#contacts.values()) {
      if (!contact.held || nowNs - contact.toldNs < this.#windowNs) continue;
      contact.told = contact.held.edge.pressed;
      contact.toldNs = contact.held.arrivedNs;
      contact.held = null;
    }
  }

  /** Takes what stands before the first held one. */
  #tell(): TimedEdge[] {
    const held = new Set([...this.#contacts.values()].map((contact) => contact.held));
    const first = this.#queue.findIndex((one) => held.has(one));
    return this.#queue.splice(0, first < 0 ? this.#queue.length : first);
  }
}
