/** A heart strap for the emulator: beats from a formula of their number, pages as a real strap sends them. */

/** Time of one message in 1/32768 s is 8070; a beat's time is kept in 1/1024 s. */
const MESSAGES_PER_TOGGLE = 4;
/** Background pages come about every 65 messages, 4 in a row (section 2a, exact pattern inferred). */
const BACKGROUND_EVERY = 65;
const BACKGROUND_PAGES = [1, 2, 3, 7];

/** The interval before beat `beat` of strap `index`, in 1/1024 s: `least` to `least` + 299, never twice the same in a row. */
export const rrTicks = (index: number, beat: number, least = 700): number => least + ((beat * 37 + index * 53) % 300);

export class StrapModel {
  readonly deviceNumber: number;
  readonly index: number;
  readonly #leastRr: number;
  /** Number of the last beat; the wire has it modulo 256. */
  beat: number;
  /** Time of the last beat, never wrapped. */
  eventTicks: number;
  #messages = 0;

  /** Counters start close to their end, so that both wrap in the first minute. */
  constructor(deviceNumber: number, index: number, leastRr = 700) {
    this.#leastRr = leastRr;
    this.deviceNumber = deviceNumber;
    this.index = index;
    this.beat = 240 + (index % 16);
    this.eventTicks = 50_000 + ((index * 311) % 10_000);
    this.#nowTicks = this.eventTicks;
  }

  /** The strap's own time; a strap that was not worn has fewer beats, not less time. */
  #nowTicks: number;

  /** Advances time and generates the beats that fall into it. */
  advance(ticks: number): void {
    this.#nowTicks += ticks;
    for (;;) {
      const next = this.eventTicks + rrTicks(this.index, this.beat + 1, this.#leastRr);
      if (next > this.#nowTicks) return;
      this.eventTicks = next;
      this.beat += 1;
    }
  }

  get rr(): number {
    return rrTicks(this.index, this.beat, this.#leastRr);
  }

  get heartRateBpm(): number {
    return Math.round((60 * 1024) / this.rr);
  }

  get beatCount(): number {
    return this.beat & 0xff;
  }

  /** The next message's 8 bytes. */
  page(): Uint8Array {
    const message = this.#messages++;
    const toggle = Math.floor(message / MESSAGES_PER_TOGGLE) % 2 === 1 ? 0x80 : 0;
    const place = message % BACKGROUND_EVERY;
    const background =
      message >= BACKGROUND_EVERY && place < 4
        ? (BACKGROUND_PAGES[Math.floor(message / BACKGROUND_EVERY) % BACKGROUND_PAGES.length] as number)
        : 4;
    const time = this.eventTicks & 0xffff;
    return Uint8Array.of(
      background | toggle,
      ...this.#pageData(background, message),
      time & 0xff,
      time >> 8,
      this.beatCount,
      this.heartRateBpm,
    );
  }

  #pageData(page: number, message: number): [number, number, number] {
    const previous = (this.eventTicks - this.rr) & 0xffff;
    const upTwoSeconds = message >> 3;
    if (page === 1) return [upTwoSeconds & 0xff, (upTwoSeconds >> 8) & 0xff, (upTwoSeconds >> 16) & 0xff];
    if (page === 2) return [1, 0xcd, 0xab];
    if (page === 3) return [4, 21, 7];
    if (page === 7) return [82, 0x80, 0x22];
    return [0xff, previous & 0xff, previous >> 8];
  }
}
