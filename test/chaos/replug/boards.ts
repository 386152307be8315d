/** Boards on pseudo terminals with known lines: every line contains the board's id, a number, and named columns. */
import { join } from 'node:path';
import type { DeviceInfo } from '../../../devices/driver.ts';
import { openPty, type PtyEnd } from '../../../devices/emulate/pty.ts';

/** A line as it was sent. */
export interface Sent {
  n: number;
  /** Name of the third column, given by the program on the board. */
  name: string;
  value: number;
}

export type Style = 'csv' | 'comma' | 'key-value' | 'json' | 'units';

export interface BoardKind {
  /** The board's id, which is in each of its lines. */
  id: number;
  style: Style;
  serialNumber?: string;
  place?: string;
}

const RATE_MS = 20;
const BOOT = [
  'ets Jun  8 2016 00:22:57',
  'rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)',
  'load:0x40080400,len:3028',
];

export class Board {
  readonly kind: BoardKind;
  readonly sent = new Map<number, Sent>();
  /** The flashed program: the name of the third column. */
  program = 'x';
  #n = 0;
  #pty: PtyEnd | null = null;
  #timer: NodeJS.Timeout | null = null;
  path = '';

  constructor(kind: BoardKind) {
    this.kind = kind;
  }

  get device(): DeviceInfo | null {
    if (!this.#pty) return null;
    const { serialNumber, place } = this.kind;
    return {
      kind: 'serial',
      path: this.#pty.path,
      vendorId: '1a86',
      productId: '7523',
      ...(serialNumber === undefined ? {} : { serialNumber }),
      ...(place === undefined ? {} : { place }),
    };
  }

  /**
   * @param opened resolves when the host has opened the port, which resets the board: it boots and prints its header.
   * Null: it kept its power and prints on.
   */
  async plug(folder: string, path: string, opened: ((path: string) => Promise<void>) | null): Promise<void> {
    this.path = path;
    this.#pty = await openPty(join(folder, path));
    const pty = this.#pty;
    if (opened) {
      await opened(pty.path);
      if (this.#pty !== pty) return;
      this.#greet();
    }
    this.#timer = setInterval(() => this.#print(), RATE_MS);
  }

  async unplug(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    const pty = this.#pty;
    this.#pty = null;
    await pty?.close();
  }

  /** The reset button, in the middle of a line. */
  reset(): void {
    this.#write(this.#line(this.#n).slice(0, 5));
    this.#greet();
  }

  #greet(): void {
    this.#write(`\r\n${BOOT.join('\r\n')}\r\n`);
    if (this.kind.style === 'csv' || this.kind.style === 'units') this.#write(`board,n,${this.program}\r\n`);
    if (this.kind.style === 'comma') this.#write(`board;n;${this.program}\r\n`);
  }

  #print(): void {
    const n = this.#n;
    this.#n += 1;
    this.sent.set(n, { n, name: this.program, value: valueFor(n, this.program) });
    this.#write(this.#line(n));
  }

  #line(n: number): string {
    const { id, style } = this.kind;
    const value = valueFor(n, this.program);
    switch (style) {
      case 'csv':
        return `${id},${n},${value}\r\n`;
      case 'units':
        return `${id},${n},${value} lx\r\n`;
      case 'comma':
        return `${id};${n};${String(value).replace('.', ',')}\r\n`;
      case 'key-value':
        return `board: ${id}, n: ${n}, ${this.program}: ${value} V\r\n`;
      default:
        return `${JSON.stringify({ board: id, n, [this.program]: value })}\r\n`;
    }
  }

  #write(text: string): void {
    this.#pty?.write(new TextEncoder().encode(text));
  }
}

/** Never an integer, so that a misread decimal comma shows. */
const valueFor = (n: number, program: string): number => (program === 'x' ? n + 0.5 : n + 0.25);
