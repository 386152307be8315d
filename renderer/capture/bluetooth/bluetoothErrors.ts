/** Why a Bluetooth source does not work, in sentences for the window. */
import type { SourceState } from '../../../electron/common/ingest.ts';

export interface BluetoothError {
  state: SourceState['state'];
  code: string;
  message: string;
  nextStep: string;
}

export const unsupported: BluetoothError = {
  state: 'error',
  code: 'device.bluetooth-unsupported',
  message: 'Web Bluetooth is not available in this window.',
  nextStep: 'Update Fieldroom; until then use an ANT+ strap with a USB stick.',
};

export const noAdapter: BluetoothError = {
  state: 'error',
  code: 'device.no-bluetooth',
  message: 'This computer has no Bluetooth adapter that the system can use.',
  nextStep:
    'Plug in a Bluetooth adapter, or start the Bluetooth service (Linux: bluetoothd); it is found automatically.',
};

export const switchedOff: BluetoothError = {
  state: 'error',
  code: 'device.bluetooth-off',
  message: 'Bluetooth is switched off.',
  nextStep: 'Switch Bluetooth on in the system settings; the strap is found automatically.',
};

export const notAllowed: BluetoothError = {
  state: 'error',
  code: 'device.bluetooth-denied',
  message: 'The system does not allow Fieldroom to use Bluetooth.',
  nextStep: "Allow Bluetooth for Fieldroom in the system's privacy settings.",
};

const pairingRefused = (strap: string): BluetoothError => ({
  state: 'error',
  code: 'device.pairing-refused',
  message: `The strap ${strap} requires pairing, and the pairing was rejected.`,
  nextStep: 'Pair it once in the system settings, or end its pairing with a phone; Fieldroom retries automatically.',
});

export const notFound = (wanted: string, takenBy: string | null): BluetoothError =>
  takenBy === null
    ? {
        state: 'searching',
        code: 'device.not-found',
        message: `No heart strap${wanted} is in range.`,
        nextStep: 'Put it on with wet electrodes, and end its connection to phones or watches.',
      }
    : {
        state: 'error',
        code: 'device.taken',
        message: `The only heart strap${wanted} is in use by the source "${takenBy}".`,
        nextStep: 'Give each source its own strap in the kit.',
      };

export const lost = (strap: string): BluetoothError => ({
  state: 'searching',
  code: 'device.lost',
  message: `The connection to the strap ${strap} was lost.`,
  nextStep: 'Bring it back into range or put it on again; recording continues automatically.',
});

export const silent = (strap: string, seconds: number): BluetoothError => ({
  state: 'silent',
  code: 'device.silent',
  message: `The strap ${strap} is connected but has sent nothing for ${seconds} s.`,
  nextStep: 'Check that it is worn; Fieldroom reconnects automatically.',
});

export const badKit = (code: string, message: string): BluetoothError => ({
  state: 'error',
  code,
  message,
  nextStep: 'Correct the source in the kit.',
});

const wordsOf = (error: unknown): { name: string; text: string } =>
  error instanceof Error ? { name: error.name, text: error.message } : { name: '', text: String(error) };

/**
 * Errors thrown by `requestDevice` (names and texts: Chromium's `bluetooth_error.cc`).
 * @param listed the chooser was called at least once, so the radio is on.
 */
export function searchTrouble(error: unknown, listed: boolean): BluetoothError {
  const { name, text } = wordsOf(error);
  if (/denied|permission to scan/i.test(text)) return notAllowed;
  if (/adapter not available|low energy not available/i.test(text)) return noAdapter;
  if (name === 'NotSupportedError' || /globally disabled|policy|blocklist/i.test(text)) return unsupported;
  // If the adapter is off, Electron ends the chooser before it lists anything.
  if (name === 'NotFoundError' && !listed) return switchedOff;
  return { ...notFound('', null), code: 'device.search-failed', message: `The search for heart straps ended: ${text}` };
}

/**
 * Errors thrown by connecting and subscribing.
 * @param known the strap has sent its heart rate before, so if it now seems to offer none, the link is bad
 */
export function connectTrouble(error: unknown, strap: string, known: boolean): BluetoothError {
  const { name, text } = wordsOf(error);
  if (/paired|pairing|authenticat|encrypt|not permitted/i.test(text)) return pairingRefused(strap);
  if (!known && (name === 'NotFoundError' || name === 'NotSupportedError')) {
    return {
      state: 'error',
      code: 'device.not-a-strap',
      message: `${strap} does not offer its heart rate (${text}).`,
      nextStep: 'Switch on "heart rate broadcast" on the watch, or name another strap in the kit.',
    };
  }
  return {
    state: 'searching',
    code: 'device.connect-failed',
    message: `The strap ${strap} could not be connected (${text}).`,
    nextStep:
      'Bring it closer, put it on, and end its connection to phones or watches; Fieldroom retries automatically.',
  };
}
