import { hex2 } from './registers.ts';

/** Register 04 (sensor-protocols 1.7). */
const ERRORS: Readonly<Record<number, string>> = {
  0: 'no error named',
  1: 'I2C write failed',
  2: 'command buffer full',
  3: 'an anchor could not be added',
  4: 'communication queue full',
  5: 'I2C read failed',
  6: 'UWB settings refused',
  7: 'operation queue full',
  8: 'bus fault at start-up',
  9: 'flash memory invalid',
  10: 'not enough anchors',
  11: 'discovery failed',
  12: 'calibration failed',
  13: 'wrong function parameter',
  14: 'anchor not found',
  15: 'flash memory failed',
  16: 'out of memory',
  17: 'ranging failed',
  18: 'ranging timed out',
  19: 'ranging timed out',
  20: 'message sent too late',
  21: 'UWB radio busy',
  22: 'the position algorithm failed',
  23: 'no answer from the other device',
  160: 'TDMA failed',
  224: 'sniffer overflow',
  240: 'no PPS',
  241: 'a new task began',
  254: 'unrecognised hardware',
  255: 'general error',
};

const ANCHORS = new Set([0x0a, 0x0e]);
const RADIO = new Set([0x11, 0x12, 0x13, 0x14, 0x15, 0x17]);
const HARDWARE = new Set([0x08, 0x09, 0x0f, 0xfe]);

export const errorText = (code: number): string => ERRORS[code] ?? `unknown error ${hex2(code)}`;
/** The cause of a gap: `pozyx-error-0a`. */
export const errorCause = (code: number): string => `pozyx-error-${hex2(code)}`;

/** The cause used when a request got no answer. */
export const NO_REPLY = 'pozyx-no-reply';

/** What a person in the room can do about it. */
export function errorNextStep(code: number): string {
  if (ANCHORS.has(code)) return 'Check that at least four anchors have power and that their ids in the kit are right.';
  if (RADIO.has(code))
    return 'Check that the tag and the anchors have power, are in sight of each other and use the same UWB settings.';
  if (HARDWARE.has(code)) return 'Unplug the device, plug it in again, and replace it if the error stays.';
  return 'If it stays, unplug the device and plug it in again.';
}

/**
 * A request that gave no sample: `word` is the gap's cause. `code` is the value of register 04, if it was read.
 * It affects one sample; the driver continues.
 */
export class PozyxFailure extends Error {
  readonly word: string;
  readonly code: number | undefined;

  constructor(word: string, message: string, code?: number) {
    super(message);
    this.name = 'PozyxFailure';
    this.word = word;
    this.code = code;
  }

  static ofCode(code: number): PozyxFailure {
    return new PozyxFailure(errorCause(code), errorText(code), code);
  }
}
