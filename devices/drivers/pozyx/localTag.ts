import { PozyxFailure } from './errorCodes.ts';
import type { Exchange, Reply } from './exchange.ts';
import { FLAG, FUNCTION, functionLine, MAX_TRANSFER_BYTES, REGISTER, readLine, u16, writeLine } from './registers.ts';
import { localError, Pace, type Tag, type TagPosition, waitForFlag } from './tag.ts';

const NONE = new Uint8Array();
/** Firmware 1.1 and older returns positions through the registers, newer ("cloud firmware") through function CC (1.5). */
const LAST_REGISTER_FIRMWARE = 0x11;
const POSITION_BYTES = 12;
/** Registers 30 to 47 in one read, so that position and covariance are of the same moment. */
const WITH_COVARIANCE_BYTES = 24;
/** CC flag 0 returns coordinates and a status; the length to request is 61 more than the data (1.5). */
const CC_COORDINATES = u16(1);
const CC_DATA_BYTES = 13;
const CC_ASKED_BYTES = CC_DATA_BYTES + 60;

/** The tag on the cable. */
export class LocalTag implements Tag {
  readonly #exchange: Exchange;
  readonly #firmware: number;
  readonly #passive: boolean;
  readonly #pace = new Pace();
  #flagMayStand = true;
  /** Passive mode: the result of the poll right after the last position was read. */
  #early: Reply | PozyxFailure | null = null;
  /** Passive mode: the position last read, until a poll finds no flag; whatever is flagged after that is a different one. */
  #last: Uint8Array | null = null;
  #polledNs: number | null = null;

  constructor(exchange: Exchange, firmware: number, passive: boolean) {
    this.#exchange = exchange;
    this.#firmware = firmware;
    this.#passive = passive;
  }

  read(address: number, count: number): Promise<Reply> {
    return this.#exchange.request(readLine(address, count), count);
  }

  async write(address: number, data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length; at += MAX_TRANSFER_BYTES)
      await this.#exchange.send(writeLine(address + at, data.subarray(at, at + MAX_TRANSFER_BYTES)));
  }

  async call(address: number, parameters: Uint8Array, replyBytes: number): Promise<Reply> {
    const reply = await this.#exchange.request(
      functionLine(address, parameters, replyBytes),
      replyBytes + 1,
      'or-status',
    );
    await this.#checkStatus(reply);
    if (reply.bytes.length !== replyBytes + 1)
      throw new PozyxFailure(
        'pozyx-short-reply',
        `function ${address.toString(16)} brought ${reply.bytes.length - 1} bytes of ${replyBytes}`,
      );
    return { ...reply, bytes: reply.bytes.subarray(1) };
  }

  async position(timeoutMs: number, covariance: boolean): Promise<TagPosition> {
    if (this.#passive) return this.#passivePosition(timeoutMs, covariance);
    const done = await this.#triggered(timeoutMs);
    const cloud = this.#firmware > LAST_REGISTER_FIRMWARE;
    const bytes = await twice(() => (cloud ? this.#positionData() : this.#positionRegisters(covariance)));
    return { bytes, requestedNs: done.requestedNs, arrivedNs: done.arrivedNs };
  }

  /**
   * Never trigger a tag that another master positions: only poll (1.5). A flag that is set again right after the read
   * may belong to a position that was already read; identical bytes then mean that the previous one was overwritten.
   */
  async #passivePosition(timeoutMs: number, covariance: boolean): Promise<TagPosition> {
    const early = this.#early;
    this.#early = null;
    if (early instanceof PozyxFailure) throw early;
    const done = early ?? (await this.#awaited(timeoutMs));
    const bytes = await twice(() => this.#positionRegisters(covariance));
    const repeated = this.#last !== null && Buffer.compare(bytes, this.#last) === 0;
    this.#last = bytes;
    this.#early = await this.#lookAgain();
    if (repeated) throw new PozyxFailure('pozyx-overwritten', 'a position was overwritten before it was read');
    return { bytes, requestedNs: done.requestedNs, arrivedNs: done.arrivedNs };
  }

  /** The flag if it is set again; a failure is kept for the next position, so that it does not cost the one just read. */
  async #lookAgain(): Promise<Reply | PozyxFailure | null> {
    try {
      const status = await this.#poll();
      const flags = status.bytes[0] ?? 0;
      if ((flags & FLAG.position) !== 0) return status;
      this.#last = null;
      return (flags & FLAG.error) !== 0 ? await localError(this.#exchange) : null;
    } catch (error) {
      if (error instanceof PozyxFailure) return error;
      throw error;
    }
  }

  async range(id: number, timeoutMs: number): Promise<void> {
    await this.call(FUNCTION.ranging, u16(id), 0);
    await waitForFlag(this.#exchange, FLAG.functionDone, timeoutMs);
  }

  /** The reply that said "done", with the time of the trigger as its request time. */
  async #triggered(timeoutMs: number): Promise<Reply> {
    // A trigger whose reply was lost may still have produced a position: its flag must not be taken for the next one's.
    if (this.#flagMayStand) await this.#exchange.request(readLine(REGISTER.intStatus, 1), 1);
    this.#flagMayStand = true;
    // Python sends the u16 1 to the old firmware and nothing to the new one (1.5).
    const parameters = this.#firmware > LAST_REGISTER_FIRMWARE ? NONE : u16(1);
    const trigger = await this.call(FUNCTION.positioning, parameters, 0);
    const startMs = performance.now();
    const done = await waitForFlag(this.#exchange, FLAG.position, timeoutMs, this.#pace.firstWaitMs);
    this.#flagMayStand = false;
    this.#pace.note(performance.now() - startMs);
    return { ...done, requestedNs: trigger.requestedNs };
  }

  /** Polls for a position that another master requested. */
  async #awaited(timeoutMs: number): Promise<Reply> {
    // A flag set before the port was opened belongs to a position of unknown time.
    if (this.#polledNs === null) await this.#poll();
    const startMs = performance.now();
    for (;;) {
      const status = await this.#poll();
      const flags = status.bytes[0] ?? 0;
      if ((flags & FLAG.position) !== 0) return status;
      if ((flags & FLAG.error) !== 0) throw await localError(this.#exchange);
      if (performance.now() - startMs > timeoutMs)
        throw new PozyxFailure('pozyx-timeout', `no other device positioned this tag within ${timeoutMs} ms`);
      this.#last = null;
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
  }

  /** Flags with the time of the previous poll as their request time: reading clears them, so they were set after it. */
  async #poll(): Promise<Reply> {
    const beforeNs = this.#polledNs;
    const status = await this.#exchange.request(readLine(REGISTER.intStatus, 1), 1);
    this.#polledNs = status.requestedNs;
    return { ...status, requestedNs: beforeNs ?? status.requestedNs };
  }

  async #positionRegisters(covariance: boolean): Promise<Uint8Array> {
    return (await this.read(REGISTER.position, covariance ? WITH_COVARIANCE_BYTES : POSITION_BYTES)).bytes;
  }

  /** The reply's true length is not documented: status, x, y, z, u8 status are read, the rest is ignored as the library does. */
  async #positionData(): Promise<Uint8Array> {
    const reply = await this.#exchange.request(
      functionLine(FUNCTION.positioningData, CC_COORDINATES, CC_ASKED_BYTES),
      CC_DATA_BYTES + 1,
      'at-least',
    );
    await this.#checkStatus(reply);
    if (reply.bytes.length < CC_DATA_BYTES + 1)
      throw new PozyxFailure('pozyx-short-reply', 'function CC brought no coordinates');
    const status = reply.bytes[CC_DATA_BYTES];
    if (status !== 1)
      throw new PozyxFailure(
        'pozyx-bad-position',
        `status ${status} with coordinates ${Buffer.from(reply.bytes.subarray(1, 13)).toString('hex')}`,
      );
    return reply.bytes.slice(1, 13);
  }

  async #checkStatus(reply: Reply): Promise<void> {
    if (reply.bytes[0] === 1) return;
    throw await localError(this.#exchange);
  }
}

/** A lost reply is requested again: the registers do not change until the next trigger. */
async function twice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof PozyxFailure) || error.code !== undefined || error.word === 'pozyx-bad-position')
      throw error;
    return ask();
  }
}
