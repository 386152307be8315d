import { PozyxFailure } from './errorCodes.ts';
import type { Exchange, Reply } from './exchange.ts';
import { FLAG, MAX_TRANSFER_BYTES, REGISTER, readLine } from './registers.ts';

export interface TagPosition {
  /** Three i32, mm; if the tag returns it together with them, followed by the covariance: six i16. */
  bytes: Uint8Array;
  /** Just before the trigger was written: the position is no older than this. */
  requestedNs: number;
  /** When the flag that says "done" was read: registers carry no device time (1.8). */
  arrivedNs: number;
}

/** One device, on the cable or by radio. Every method throws PozyxFailure for a request that failed. */
export interface Tag {
  read(address: number, count: number): Promise<Reply>;
  write(address: number, data: Uint8Array): Promise<void>;
  /** Calls a function; resolves with its data, without the status (01 ok). */
  call(address: number, parameters: Uint8Array, replyBytes: number): Promise<Reply>;
  /** @param covariance whether it is needed; a tag that cannot return it immediately leaves it to a separate read */
  position(timeoutMs: number, covariance: boolean): Promise<TagPosition>;
  /** Measures the distance to another device; function C7 then returns it. */
  range(id: number, timeoutMs: number): Promise<void>;
}

/** Reads more than 28 bytes in pieces: `R,50,28` then `R,6c,21` (1.2). */
export async function readSplit(tag: Tag, address: number, count: number): Promise<Reply> {
  const first = await tag.read(address, Math.min(count, MAX_TRANSFER_BYTES));
  if (count <= MAX_TRANSFER_BYTES) return first;
  const rest = await readSplit(tag, address + MAX_TRANSFER_BYTES, count - MAX_TRANSFER_BYTES);
  return {
    bytes: new Uint8Array([...first.bytes, ...rest.bytes]),
    requestedNs: first.requestedNs,
    arrivedNs: rest.arrivedNs,
  };
}

const POLL_MS = 1;

/**
 * Polls `INT_STATUS` until a bit of `wanted` is set (1.5: every 0.5 ms; each poll costs a round trip on the bus, so the
 * first one waits `firstWaitMs`). Reading clears the flags.
 * @throws PozyxFailure with the code of register 04 if ERR was set instead, or `pozyx-timeout`
 */
export async function waitForFlag(
  exchange: Exchange,
  wanted: number,
  timeoutMs: number,
  firstWaitMs = 0,
): Promise<Reply> {
  const startMs = performance.now();
  if (firstWaitMs > 0) await wait(firstWaitMs);
  for (;;) {
    const status = await exchange.request(readLine(REGISTER.intStatus, 1), 1);
    const flags = status.bytes[0] ?? 0;
    if ((flags & wanted) !== 0) return status;
    if ((flags & FLAG.error) !== 0) throw await localError(exchange);
    if (performance.now() - startMs > timeoutMs)
      throw new PozyxFailure('pozyx-timeout', `nothing within ${timeoutMs} ms`);
    await wait(POLL_MS);
  }
}

/** The value of register 04, as a failure. */
export async function localError(exchange: Exchange): Promise<PozyxFailure> {
  const code = await exchange.request(readLine(REGISTER.errorCode, 1), 1);
  return PozyxFailure.ofCode(code.bytes[0] ?? 0);
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * The learned minimum duration of a position: 80 % of the shortest of the last 16. Polling begins only then, which
 * removes nine polls in ten from the bus and keeps the flag's time accurate to a millisecond.
 */
export class Pace {
  readonly #recentMs: number[] = [];

  get firstWaitMs(): number {
    return this.#recentMs.length < 4 ? 0 : Math.min(...this.#recentMs) * 0.8;
  }

  note(durationMs: number): void {
    this.#recentMs.push(durationMs);
    if (this.#recentMs.length > 16) this.#recentMs.shift();
  }
}
