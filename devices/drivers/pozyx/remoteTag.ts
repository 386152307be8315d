import { PozyxFailure } from './errorCodes.ts';
import type { Exchange, Reply } from './exchange.ts';
import {
  concat,
  FLAG,
  FUNCTION,
  functionLine,
  hex,
  idLabel,
  MAX_TRANSFER_BYTES,
  REGISTER,
  REMOTE,
  readLine,
  u16,
} from './registers.ts';
import { Pace, type Tag, type TagPosition, waitForFlag } from './tag.ts';

/** The remote answers a request within a second, and a position within 0.4 s of its trigger (1.6); the kit may allow more. */
const ANSWER_TIMEOUT_MS = 1000;
const POSITION_BYTES = 12;

/**
 * A device reached by radio through the one on the cable (sensor-protocols 1.6). One operation is
 * `F,b2` fill the TX buffer, `R,05` clear the flags, `F,b3` send it, `R,05`... wait, `R,82` who answered how much, `F,b4` fetch.
 */
export class RemoteTag implements Tag {
  readonly #exchange: Exchange;
  readonly #id: number;
  readonly #pace = new Pace();

  constructor(exchange: Exchange, id: number) {
    this.#exchange = exchange;
    this.#id = id;
  }

  async read(address: number, count: number): Promise<Reply> {
    const sent = await this.#send(REMOTE.read, new Uint8Array([address, count]));
    const done = await waitForFlag(this.#exchange, FLAG.functionDone, ANSWER_TIMEOUT_MS);
    return { bytes: await this.#fetch(count), requestedNs: sent.requestedNs, arrivedNs: done.arrivedNs };
  }

  async write(address: number, data: Uint8Array): Promise<void> {
    await this.#send(REMOTE.write, concat(new Uint8Array([address]), data));
    await waitForFlag(this.#exchange, FLAG.functionDone, ANSWER_TIMEOUT_MS);
  }

  async call(address: number, parameters: Uint8Array, replyBytes: number): Promise<Reply> {
    const sent = await this.#send(REMOTE.function, concat(new Uint8Array([address]), parameters));
    const done = await waitForFlag(this.#exchange, FLAG.functionDone, ANSWER_TIMEOUT_MS);
    // Function replies start with the status (1.6).
    const answer = await this.#fetch(replyBytes + 1);
    if (answer[0] !== 1) throw await this.#remoteError();
    return { bytes: answer.subarray(1), requestedNs: sent.requestedNs, arrivedNs: done.arrivedNs };
  }

  async position(timeoutMs: number): Promise<TagPosition> {
    const trigger = await this.#send(REMOTE.function, new Uint8Array([FUNCTION.positioning]));
    let done = await waitForFlag(this.#exchange, FLAG.functionDone | FLAG.received, ANSWER_TIMEOUT_MS);
    const here = ((done.bytes[0] ?? 0) & FLAG.received) !== 0 || !(await this.#accepted());
    if (!here) {
      const startMs = performance.now();
      done = await waitForFlag(this.#exchange, FLAG.received, timeoutMs, this.#pace.firstWaitMs);
      this.#pace.note(performance.now() - startMs);
    }
    return { bytes: await this.#fetch(POSITION_BYTES), requestedNs: trigger.requestedNs, arrivedNs: done.arrivedNs };
  }

  /**
   * Whether the remote accepted the trigger and its position is still to come. On a slow bus the position overwrites
   * the function's answer in the RX buffer before or while it is fetched: the position has then already arrived, and
   * this is false.
   */
  async #accepted(): Promise<boolean> {
    const positionIsHere = async () =>
      (await this.#exchange.request(readLine(REGISTER.received, 3), 3)).bytes[2] === POSITION_BYTES;
    if (await positionIsHere()) return false;
    const status = (await this.#command(FUNCTION.rxRead, new Uint8Array([0, 1]), 1)).bytes[1];
    if (status === 1) return true;
    if (await positionIsHere()) return false;
    throw await this.#remoteError();
  }

  /**
   * How a remote ranging ends is not documented, so the settings allow ranges of remote tags only together with
   * positions.
   */
  range(): Promise<void> {
    return Promise.reject(new PozyxFailure('pozyx-unsupported', 'ranging alone is not possible by radio'));
  }

  async #send(operation: number, message: Uint8Array): Promise<Reply> {
    // Offset 00, then register or function, then its data.
    const filled = await this.#command(FUNCTION.txWrite, concat(new Uint8Array([0]), message));
    await this.#exchange.request(readLine(REGISTER.intStatus, 1), 1);
    await this.#command(FUNCTION.txSend, concat(u16(this.#id), new Uint8Array([operation])));
    return filled;
  }

  /**
   * Checks the sender and the length (a mismatch is a failure, 1.6) and fetches the answer, 28 bytes at a time with the
   * status.
   */
  async #fetch(count: number): Promise<Uint8Array> {
    const header = await this.#exchange.request(readLine(REGISTER.received, 3), 3);
    const expected = concat(u16(this.#id), new Uint8Array([count]));
    if (hex(header.bytes) !== hex(expected))
      throw new PozyxFailure('pozyx-other-answer', `waited for ${hex(expected)}, got ${hex(header.bytes)}`);
    const parts: Uint8Array[] = [];
    const piece = MAX_TRANSFER_BYTES - 1;
    for (let offset = 0; offset < count; offset += piece) {
      const length = Math.min(piece, count - offset);
      const reply = await this.#command(FUNCTION.rxRead, new Uint8Array([offset, length]), length);
      parts.push(reply.bytes.subarray(1));
    }
    return concat(...parts);
  }

  async #command(address: number, parameters: Uint8Array, replyBytes = 0): Promise<Reply> {
    const reply = await this.#exchange.request(
      functionLine(address, parameters, replyBytes),
      replyBytes + 1,
      'or-status',
    );
    if (reply.bytes[0] !== 1 || reply.bytes.length !== replyBytes + 1)
      throw new PozyxFailure('pozyx-radio', `function ${address.toString(16)} of the device on the cable failed`);
    return reply;
  }

  async #remoteError(): Promise<PozyxFailure> {
    const code = await this.read(REGISTER.errorCode, 1).catch(() => null);
    return code === null
      ? new PozyxFailure('pozyx-radio', `${idLabel(this.#id)} failed and did not say why`)
      : PozyxFailure.ofCode(code.bytes[0] ?? 0);
  }
}
