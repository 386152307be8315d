/**
 * Bluetooth for the capture window alone: the gesture that its search needs, the chooser that its page answers, and
 * pairing. What is chosen is the page's business, which knows the kit; here nobody is asked and nothing is guessed.
 */
import type { Session, WebContents } from 'electron';
import type { WindowName } from '../common/ipc.ts';
import type { Log } from './log.ts';

export interface BluetoothOptions {
  windowOf(contents: WebContents): WindowName | null;
  /** Hands the list of devices to the capture window. */
  found(devices: { id: string; name: string }[]): void;
  log: Log;
}

/** As Electron lists them. */
interface ListedDevice {
  deviceId: string;
  deviceName: string;
}

export class Bluetooth {
  readonly #options: BluetoothOptions;
  #searching = false;
  #choose: ((deviceId: string) => void) | null = null;
  /** Pairing is confirmed for what the kit has chosen, never for what nobody asked for. */
  #picked = false;

  constructor(options: BluetoothOptions) {
    this.#options = options;
  }

  /** `requestDevice` wants a user's gesture; the technician's line in the kit is the gesture. Lasts some seconds. */
  async search(contents: WebContents): Promise<void> {
    this.#end('');
    this.#searching = true;
    await contents.executeJavaScript('undefined', true);
  }

  /** The page's answer: a device of the list, or '' to end the search. */
  pick(deviceId: string): void {
    if (deviceId !== '') this.#picked = true;
    this.#searching = false;
    this.#end(deviceId);
  }

  /** `select-bluetooth-device`: comes with each change of the list, each time with a new `choose`. */
  listed(contents: WebContents, devices: readonly ListedDevice[], choose: (deviceId: string) => void): void {
    if (!this.#searching || this.#options.windowOf(contents) !== 'capture') {
      choose('');
      return;
    }
    this.#choose = choose;
    this.#options.found(
      devices
        .slice(0, 256)
        .map(({ deviceId, deviceName }) => ({ id: deviceId.slice(0, 300), name: deviceName.slice(0, 300) })),
    );
  }

  /**
   * Windows and Linux ask the app when a strap wants to be paired. A strap has no display: a plain question is answered,
   * a number is not. `deviceId` is the display name here (Chromium's pairing manager), so it is compared with nothing.
   */
  answerPairing(session: Session): void {
    session.setBluetoothPairingHandler(({ pairingKind, frame }, answer) => {
      const own = frame?.url.startsWith('app://fieldroom/capture.html') === true;
      const confirmed = own && this.#picked && pairingKind === 'confirm';
      this.#options.log(confirmed ? 'info' : 'warn', confirmed ? 'pairing confirmed' : 'pairing refused', {
        pairingKind,
      });
      answer({ confirmed });
    });
  }

  #end(deviceId: string): void {
    const choose = this.#choose;
    this.#choose = null;
    choose?.(deviceId);
  }
}
