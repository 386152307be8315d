/**
 * Unacknowledged data of one stream. The limit applies to the whole publisher: when it is reached, the oldest data is
 * dropped and reported as a gap.
 */
export interface OutboxItem {
  firstSeq: number;
  lastSeq: number;
  /** Publisher time of its first and last content. */
  firstNs: number;
  lastNs: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export class Outbox {
  readonly #items: OutboxItem[] = [];
  #head = 0;
  bytes = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: OutboxItem): void {
    this.#items.push(item);
    this.bytes += item.bytes.byteLength;
  }

  /** Removes everything that ends at or before `seq`, which is safe on disk. */
  acknowledge(seq: number): void {
    for (let item = this.#items[this.#head]; item && item.lastSeq <= seq; item = this.#items[this.#head])
      this.#drop(item);
  }

  /** Removes and returns the oldest item. */
  shift(): OutboxItem | undefined {
    const item = this.#items[this.#head];
    if (item) this.#drop(item);
    return item;
  }

  clear(): void {
    this.#items.length = 0;
    this.#head = 0;
    this.bytes = 0;
  }

  [Symbol.iterator](): Iterator<OutboxItem> {
    return this.#items.slice(this.#head).values();
  }

  #drop(item: OutboxItem): void {
    this.bytes -= item.bytes.byteLength;
    this.#head += 1;
    if (this.#head > 256 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
