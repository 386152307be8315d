/**
 * Bluetooth, only for the capture window: the user gesture that its search needs, the device chooser that its page
 * answers, and pairing. The page chooses the device, because it knows the kit.
 */
import type { Session, WebContents } from 'electron';
import type { WindowName } from '../common/ipc.ts';
import type { Log } from './log.ts';

export interface BluetoothOptions {
  windowOf(contents: WebContents): WindowName | null;
  /** Sends the list of devices to the capture window. */
  found(devices: { id: string; name: string }[]): void;
  log: Log;
}

/** A device as Electron lists it. */
interface ListedDevice {
  deviceId: string;
  deviceName: string;
}

export class Bluetooth {
  readonly #options: BluetoothOptions;
  #searching = false;
  #choose: ((deviceId: string) => void) | null = null;
  /** Pairing is confirmed only for devices that the kit has chosen. */
  #picked = false;

  constructor(options: BluetoothOptions) {
    this.#options = options;
  }

  /** `requestDevice` needs a user gesture, which the technician's entry in the kit stands for. Valid for a few seconds. */
  async search(contents: WebContents): Promise<void> {
    this.#end('');
    this.#searching = true;
    await contents.executeJavaScript('undefined', true);
  }

  /** The page's choice: a device of the list, or '' to end the search. */
  pick(deviceId: string): void {
    if (deviceId !== '') this.#picked = true;
    this.#searching = false;
    this.#end(deviceId);
  }

  /** Handles `select-bluetooth-device`, which arrives with each change of the list, each time with a new `choose`. */
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
   * Windows and Linux ask the app to confirm pairing. A strap has no display, so a plain confirmation is accepted and a
   * number is refused. `deviceId` is the display name here (Chromium's pairing manager), so it is not compared.
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
