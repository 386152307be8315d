import { PozyxFailure } from './errorCodes.ts';
import type { Exchange, Reply } from './exchange.ts';
import { FLAG, FUNCTION, functionLine, MAX_TRANSFER_BYTES, REGISTER, readLine, u16, writeLine } from './registers.ts';
import { localError, Pace, type Tag, type TagPosition, waitForFlag } from './tag.ts';

const NONE = new Uint8Array();
/** Firmware 1.1 and older positions through the registers, newer ("cloud firmware") through function CC (1.5). */
const LAST_REGISTER_FIRMWARE = 0x11;
const POSITION_BYTES = 12;
/** Registers 30 to 47 in one read: position and covariance are then of the same moment. */
const WITH_COVARIANCE_BYTES = 24;
/** CC flag 0 brings coordinates and a status; the length to ask for is 61 more than the data (1.5). */
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
    const done = this.#passive ? await this.#awaited(timeoutMs) : await this.#triggered(timeoutMs);
    const cloud = this.#firmware > LAST_REGISTER_FIRMWARE && !this.#passive;
    const count = covariance ? WITH_COVARIANCE_BYTES : POSITION_BYTES;
    const bytes = await twice(async () =>
      cloud ? this.#positionData() : (await this.read(REGISTER.position, count)).bytes,
    );
    return { bytes, requestedNs: done.requestedNs, arrivedNs: done.arrivedNs };
  }

  async range(id: number, timeoutMs: number): Promise<void> {
    await this.call(FUNCTION.ranging, u16(id), 0);
    await waitForFlag(this.#exchange, FLAG.functionDone, timeoutMs);
  }

  /** The reply that said "done", with the time of the trigger as its request. */
  async #triggered(timeoutMs: number): Promise<Reply> {
    // A trigger whose reply was lost may have made a position all the same: its flag must not answer for the next one.
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

  /** Never trigger a tag that another master positions: only poll (1.5). The lower bound is the last poll that said "not yet". */
  async #awaited(timeoutMs: number): Promise<Reply> {
    let boundNs: number | null = null;
    const startMs = performance.now();
    for (;;) {
      const status = await this.#exchange.request(readLine(REGISTER.intStatus, 1), 1);
      const flags = status.bytes[0] ?? 0;
      if ((flags & FLAG.position) !== 0) return { ...status, requestedNs: boundNs ?? status.requestedNs };
      if ((flags & FLAG.error) !== 0) throw await localError(this.#exchange);
      if (performance.now() - startMs > timeoutMs)
        throw new PozyxFailure('pozyx-timeout', `no other device positioned this tag within ${timeoutMs} ms`);
      boundNs = status.requestedNs;
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
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

/** A lost reply is asked for again: the registers hold still until the next trigger. */
async function twice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof PozyxFailure) || error.code !== undefined || error.word === 'pozyx-bad-position')
      throw error;
    return ask();
  }
}
