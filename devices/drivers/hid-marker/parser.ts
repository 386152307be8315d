/** HID reports to edges: a press when a button goes down, a release when it comes up. */
import type { Parser, Resync } from '../../parser.ts';
import type { Layout } from './layouts.ts';

export interface MarkerEdge {
  type: 'edge';
  button: number;
  pressed: boolean;
  name: string;
  /** The edge comes from a contact. A vote or a turn is a message from the device: two at once count as two. */
  bounces: boolean;
}

/** Number of recent votes that are remembered, so that a repeated one is not counted twice. */
const REMEMBERED = 512;

/**
 * `push` takes one whole report, which is all that HID delivers. A button stays down until a report says otherwise, or
 * the link is reopened.
 */
export class HidMarkerParser implements Parser<MarkerEdge> {
  readonly #layout: Layout;
  #down: ReadonlyMap<number, string> = new Map();
  #seen = new Set<string>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  push(report: Uint8Array): (MarkerEdge | Resync)[] {
    const reading = this.#layout.read(report);
    if (!reading) return [{ type: 'resync', discardedBytes: report.length, reason: 'garbage' }];
    const out: MarkerEdge[] = [];
    const edge = (button: number, pressed: boolean, name: string, bounces = true): void => {
      out.push({ type: 'edge', button, pressed, name, bounces });
    };
    for (const [button, name] of this.#down) if (!reading.down.has(button)) edge(button, false, name);
    for (const [button, name] of reading.down) if (!this.#down.has(button)) edge(button, true, name);
    this.#down = new Map(reading.down);
    for (const { button, name, key } of reading.events) if (this.#isNew(key)) edge(button, true, name, false);
    return out;
  }

  reset(): void {
    this.#down = new Map();
    this.#seen.clear();
  }

  #isNew(key: string): boolean {
    if (key === '') return true;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    for (const oldest of this.#seen) {
      if (this.#seen.size <= REMEMBERED) break;
      this.#seen.delete(oldest);
    }
    return true;
  }
}
