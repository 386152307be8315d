/**
 * Bounce of a contact: the first edge counts at once, what follows within the time is held back, and what it came to is
 * told when the time is over. Pure: times are handed in.
 */
import type { MarkerEdge } from './parser.ts';

interface Contact {
  told: boolean;
  toldNs: number;
  held: { edge: MarkerEdge; arrivedNs: number } | null;
}

export interface TimedEdge {
  edge: MarkerEdge;
  arrivedNs: number;
}

export class Debounce {
  readonly #windowNs: number;
  readonly #contacts = new Map<number, Contact>();

  constructor(windowMs: number) {
    this.#windowNs = windowMs * 1e6;
  }

  /** What is to be recorded now; of a held one `due` will tell. */
  take(edge: MarkerEdge, arrivedNs: number): TimedEdge[] {
    const contact = this.#contacts.get(edge.button);
    if (!contact || this.#windowNs === 0) {
      this.#contacts.set(edge.button, { told: edge.pressed, toldNs: arrivedNs, held: null });
      return [{ edge, arrivedNs }];
    }
    const late = this.#settle(contact, arrivedNs);
    if (arrivedNs - contact.toldNs < this.#windowNs) {
      // Back to what was told: the contact only bounced.
      contact.held = edge.pressed === contact.told ? null : { edge, arrivedNs };
      return late;
    }
    contact.told = edge.pressed;
    contact.toldNs = arrivedNs;
    return [...late, { edge, arrivedNs }];
  }

  /** Edges whose time is over. */
  due(nowNs: number): TimedEdge[] {
    return [...this.#contacts.values()].flatMap((contact) => this.#settle(contact, nowNs));
  }

  get isHolding(): boolean {
    return [...this.#contacts.values()].some((contact) => contact.held !== null);
  }

  #settle(contact: Contact, nowNs: number): TimedEdge[] {
    const { held } = contact;
    if (!held || nowNs - contact.toldNs < this.#windowNs) return [];
    contact.held = null;
    contact.told = held.edge.pressed;
    contact.toldNs = held.arrivedNs;
    return [held];
  }
}
