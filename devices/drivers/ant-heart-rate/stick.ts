/** The emulated stick's state: what each command does and the code it is answered with (section 2a). */
import type { AntFrame } from './parser.ts';
import { CODE, MESSAGE } from './protocol.ts';

export class StickState {
  mode: 'closed' | 'single' | 'scan' = 'closed';
  /** Flags of the extended information after each broadcast; 0: none. */
  extended = 0;
  /** Device number the channel was paired with; 0: any. */
  wanted = 0;
  /** A stick without scan mode that knows only the older extended messages. */
  readonly old: boolean;
  #assigned = false;

  constructor(old: boolean) {
    this.old = old;
  }

  /** As after power or reset. */
  clear(): void {
    this.mode = 'closed';
    this.extended = 0;
    this.wanted = 0;
    this.#assigned = false;
  }

  /** Executes a configuration command and returns the code of its answer. */
  obey({ id, payload }: AntFrame): number {
    const open = this.mode !== 'closed';
    switch (id) {
      case MESSAGE.networkKey:
        return payload.length === 9 ? CODE.ok : CODE.invalidMessage;
      case MESSAGE.assign:
        if (open) return CODE.wrongState;
        this.#assigned = true;
        return CODE.ok;
      case MESSAGE.unassign:
        if (open) return CODE.wrongState;
        this.#assigned = false;
        return CODE.ok;
      case MESSAGE.channelId:
        this.wanted = (payload[1] ?? 0) | ((payload[2] ?? 0) << 8);
        return this.#assigned ? CODE.ok : CODE.wrongState;
      case MESSAGE.searchTimeout:
      case MESSAGE.frequency:
      case MESSAGE.period:
        return this.#assigned ? CODE.ok : CODE.wrongState;
      case MESSAGE.extended:
        if (this.old) return CODE.invalidMessage;
        this.extended = payload[1] ?? 0;
        return CODE.ok;
      case MESSAGE.extendedOld:
        this.extended = payload[1] === 1 ? 0x80 : 0;
        return CODE.ok;
      case MESSAGE.open:
      case MESSAGE.openScan:
        return this.#open(id === MESSAGE.open ? 'single' : 'scan');
      case MESSAGE.close:
        return open ? CODE.ok : CODE.wrongState;
      default:
        return CODE.invalidMessage;
    }
  }

  #open(mode: 'single' | 'scan'): number {
    if (mode === 'scan' && this.old) return CODE.invalidMessage;
    // A scan uses the whole radio.
    if (this.mode !== 'closed') return mode === 'scan' ? CODE.closeAllChannels : CODE.wrongState;
    if (!this.#assigned) return CODE.wrongState;
    this.mode = mode;
    return CODE.ok;
  }
}
