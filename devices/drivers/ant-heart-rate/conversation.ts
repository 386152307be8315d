/**
 * The start-up conversation with an ANT stick: one command at a time, waiting for the answer to each.
 * Source: /shared/sensor-protocols.md section 2a, table "Start-up conversation".
 */
import { fieldroomError } from '../../../electron/common/errors.ts';
import type { Link } from '../../driver.ts';
import type { AntFrame } from './parser.ts';
import { type AntCapabilities, CODE, command, decodeCapabilities, decodeResponse, MESSAGE } from './protocol.ts';
import type { AntSettings } from './settings.ts';

/** The stick needs this long after a reset before it accepts commands. */
const AFTER_RESET_MS = 500;
const ANSWER_MS = 1000;
const TRIES = 3;

type Match<T> = (frame: AntFrame) => T | null;

export class AntConversation {
  readonly #link: Pick<Link, 'write' | 'path'>;
  readonly #sleep: (ms: number) => Promise<void>;
  #waiting: ((frame: AntFrame) => void) | null = null;
  /** True once a complete frame has arrived, which proves that it is an ANT stick. */
  heardFrame = false;
  /** True once anything has arrived. */
  heardBytes = false;

  constructor(link: Pick<Link, 'write' | 'path'>, sleep: (ms: number) => Promise<void>) {
    this.#link = link;
    this.#sleep = sleep;
  }

  offer(frame: AntFrame): void {
    this.heardFrame = true;
    this.#waiting?.(frame);
  }

  /**
   * Resets the stick, reads its capabilities and opens the channel.
   * @throws FieldroomError `device.no-answer`, `device.wrong-device`, `device.network-key`, `device.no-scan-mode`, `device.refused`
   */
  async open(settings: AntSettings): Promise<AntCapabilities> {
    const capabilities = await this.#reset();
    const scan = settings.mode === 'scan';
    if (scan && !capabilities.canScan) {
      throw fieldroomError('device.no-scan-mode', { path: this.#link.path });
    }
    await this.#ok('network key', command.networkKey(settings.networkKey.reveal()), MESSAGE.networkKey);
    await this.#ok('assign channel', command.assign(), MESSAGE.assign);
    // Scan mode requires the whole id to be zero; the driver filters by device type itself.
    const id = scan ? command.channelId(0, 0) : command.channelId(settings.deviceNumber ?? 0, 120);
    await this.#ok('channel id', id, MESSAGE.channelId);
    if (!scan) await this.#ok('search timeout', command.searchForever(), MESSAGE.searchTimeout);
    await this.#ok('frequency', command.frequency(), MESSAGE.frequency);
    await this.#ok('period', command.period(), MESSAGE.period);
    await this.#extended(scan);
    await this.reopen(scan);
    return capabilities;
  }

  /** Opens a channel that is already set up. */
  async reopen(scan: boolean): Promise<void> {
    if (scan) await this.#ok('open scan', command.openScan(), MESSAGE.openScan);
    else await this.#ok('open channel', command.open(), MESSAGE.open);
  }

  async #reset(): Promise<AntCapabilities> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      await this.#link.write(command.reset());
      // Not every stick reports its reset; what matters is that it answers the next question.
      await this.#sleep(AFTER_RESET_MS);
      const answer = await this.#ask(command.capabilities(), decodeCapabilities, ANSWER_MS);
      if (answer) return answer;
    }
    if (this.heardBytes && !this.heardFrame) {
      throw fieldroomError('device.wrong-device:ant', { path: this.#link.path });
    }
    throw fieldroomError('device.no-answer:ant', { path: this.#link.path });
  }

  /** Newer sticks report number, RSSI and time; older ones know only the older command. A scan needs one of the two. */
  async #extended(scan: boolean): Promise<void> {
    if ((await this.#code(command.extended(), MESSAGE.extended)) === CODE.ok) return;
    if ((await this.#code(command.extendedOld(), MESSAGE.extendedOld)) === CODE.ok || !scan) return;
    throw fieldroomError('device.no-scan-mode:no-ids', { path: this.#link.path });
  }

  /** The message names the step and the code, never the bytes: one of the commands contains the key. */
  async #ok(step: string, bytes: Uint8Array, to: number): Promise<void> {
    const code = await this.#code(bytes, to);
    if (code === CODE.ok) return;
    if (code === CODE.invalidNetwork) {
      throw fieldroomError('device.network-key', { path: this.#link.path });
    }
    const what = code === null ? 'did not answer' : `refused with code ${code.toString(16).padStart(2, '0')}`;
    throw fieldroomError('device.refused:ant', { path: this.#link.path, what, step }, { data: { step, code } });
  }

  /** The answer's code; null if there was no answer. */
  async #code(bytes: Uint8Array, to: number): Promise<number | null> {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      const code = await this.#ask(
        bytes,
        (frame) => {
          const response = decodeResponse(frame);
          return response !== null && response.to === to ? response.code : null;
        },
        ANSWER_MS,
      );
      if (code !== null) return code;
    }
    return null;
  }

  async #ask<T>(bytes: Uint8Array, match: Match<T>, timeoutMs: number): Promise<T | null> {
    const answer = new Promise<T>((resolve) => {
      this.#waiting = (frame) => {
        const found = match(frame);
        if (found !== null) resolve(found);
      };
    });
    const late = this.#sleep(timeoutMs).then(() => null);
    // The loser of the race may reject when the source is closed, after everyone has stopped waiting for it.
    late.catch(() => undefined);
    try {
      await this.#link.write(bytes);
      return await Promise.race([answer, late]);
    } finally {
      this.#waiting = null;
    }
  }
}
