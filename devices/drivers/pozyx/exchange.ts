import { fieldroomError } from '../../../electron/common/errors.ts';
import type { DriverContext } from '../../driver.ts';
import { NO_REPLY, PozyxFailure } from './errorCodes.ts';
import { PozyxParser } from './parser.ts';

/** pypozyx waits 0.1 s for bytes (1.2), which a busy computer occasionally takes on its own; a lost reply is rare. */
const REPLY_TIMEOUT_MS = 300;
/** How long to let a late reply drain before the next request (1.2). */
/** A reply that trickles in is waited for, but only this long. */
const REPLY_LIMIT_MS = 1000;
const DRAIN_MS = 100;

export interface Reply {
  bytes: Uint8Array;
  /** Publisher times: just before the request was written, and when the reply's last byte arrived. */
  requestedNs: number;
  arrivedNs: number;
}

type Outcome = { bytes: Uint8Array; arrivedNs: number } | { failure: PozyxFailure };
type Wire = Pick<DriverContext<unknown>, 'link' | 'now' | 'signal'>;

/**
 * One request in flight at a time: replies have no sequence number, so a reply belongs to the request before it. After
 * anything but a good reply of the right length the input is drained, or a late reply would answer the next request.
 *
 *   request ──▶ link.write          link.onData ──▶ parser ──▶ reply of the request in flight
 *                                                         └──▶ stray: counted, never used
 */
export class Exchange {
  readonly #wire: Wire;
  readonly #onDiscarded: (bytes: number, reason: string, atNs: number) => void;
  readonly #parser = new PozyxParser();
  #settle: ((outcome: Outcome) => void) | null = null;
  #gone: Error | null = null;
  #garbledBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #startMs = 0;
  /** Publisher time of the last good reply. */
  lastReplyNs: number;
  /** The last line that was not a reply: shows a person what is on the wire if the device is not a Pozyx. */
  lastText = '';

  constructor(wire: Wire, onDiscarded: (bytes: number, reason: string, atNs: number) => void) {
    this.#wire = wire;
    this.#onDiscarded = onDiscarded;
    this.lastReplyNs = wire.now();
    wire.link.onData = (bytes, arrivedNs) => this.#data(bytes, arrivedNs);
    const end = (cause: Error) => {
      this.#gone = cause;
      this.#fail('lost', cause.message);
    };
    void wire.link.closed.then((cause) => end(cause ?? fieldroomError('device.closed', { path: wire.link.path })));
    wire.signal.addEventListener(
      'abort',
      () => end(fieldroomError('device.closed:closing', { path: wire.link.path })),
      { once: true },
    );
  }

  /**
   * @param line with its CR
   * @param replyBytes number of bytes that `D,` must contain, including a function's status
   * @param rule `exact` length, or `at-least` (function CC: more than is understood) or a failing function's status alone
   * @throws PozyxFailure if no good reply arrived; FieldroomError if the link is gone
   */
  async request(line: string, replyBytes: number, rule: 'exact' | 'at-least' | 'or-status' = 'exact'): Promise<Reply> {
    if (this.#gone !== null) throw this.#gone;
    this.#garbledBytes = 0;
    const requestedNs = this.#wire.now();
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#settle = resolve;
    this.#startMs = performance.now();
    this.#expect(resolve);
    try {
      // A write may hang on a port that is gone: the timeout and the end of the link settle `promise` anyway.
      const written = this.#wire.link.write(Buffer.from(line, 'latin1'));
      const outcome = await Promise.race([promise, written.then(() => promise)]);
      if ('failure' in outcome) throw outcome.failure;
      const length = outcome.bytes.length;
      const fits =
        rule === 'at-least'
          ? length >= replyBytes || length === 1
          : length === replyBytes || (rule === 'or-status' && length === 1);
      if (!fits) throw new PozyxFailure('pozyx-short-reply', `asked for ${replyBytes} bytes, got ${length}`);
      this.lastReplyNs = outcome.arrivedNs;
      return { bytes: outcome.bytes, requestedNs, arrivedNs: outcome.arrivedNs };
    } catch (error) {
      this.#settle = null;
      if (this.#gone !== null) throw this.#gone;
      if (error instanceof PozyxFailure) await this.drain();
      throw error;
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Writes a command that has no reply: the library reads none after `W` (1.2). */
  async send(line: string): Promise<void> {
    if (this.#gone !== null) throw this.#gone;
    await this.#wire.link.write(Buffer.from(line, 'latin1'));
  }

  /** Discards late bytes. */
  async drain(durationMs = DRAIN_MS): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, durationMs));
    if (this.#gone !== null) throw this.#gone;
    this.#parser.reset();
  }

  #expect(settle: (outcome: Outcome) => void): void {
    clearTimeout(this.#timer);
    // After a stall of this process the reply may already be waiting: run the event loop once more before it counts as
    // missing.
    const timer = setTimeout(() => {
      setImmediate(() => {
        if (this.#timer === timer && this.#settle === settle) this.#timeout();
      });
    }, REPLY_TIMEOUT_MS);
    this.#timer = timer;
  }

  #data(bytes: Uint8Array, arrivedNs: number): void {
    if (this.#settle !== null && performance.now() - this.#startMs < REPLY_LIMIT_MS) this.#expect(this.#settle);
    for (const frame of this.#parser.push(bytes)) {
      if (frame.type === 'resync') {
        // The reply may still follow the garbage; if not, the timeout names the garbage as its cause.
        this.#garbledBytes += frame.discardedBytes;
        this.#onDiscarded(frame.discardedBytes, frame.reason, arrivedNs);
      } else if (frame.type === 'data') {
        if (!this.#resolve({ bytes: frame.bytes, arrivedNs }))
          this.#onDiscarded(frame.bytes.length * 2 + 4, 'late-reply', arrivedNs);
      } else {
        // An empty line, or a line that does not start with `D`, is an error (1.2).
        if (frame.text !== '') this.lastText = frame.text.slice(0, 80);
        const known = this.#fail(
          frame.text === '' ? 'pozyx-empty-reply' : 'pozyx-no-data-line',
          `the device said "${frame.text.slice(0, 80)}"`,
        );
        if (!known) this.#onDiscarded(frame.text.length + 2, 'stray-line', arrivedNs);
      }
    }
  }

  #timeout(): void {
    if (this.#garbledBytes > 0) this.#fail('pozyx-garbage', `${this.#garbledBytes} bytes were no reply`);
    else this.#fail(NO_REPLY, `no reply within ${REPLY_TIMEOUT_MS} ms`);
  }

  #fail(word: string, message: string): boolean {
    return this.#resolve({ failure: new PozyxFailure(word, message) });
  }

  #resolve(outcome: Outcome): boolean {
    const settle = this.#settle;
    this.#settle = null;
    settle?.(outcome);
    return settle !== null;
  }
}
