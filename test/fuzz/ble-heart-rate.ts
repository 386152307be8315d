/** Fuzz target for the Bluetooth heart rate packet; run by `test/fuzz/run.ts`. */
import { parseHeartRateMeasurement } from '../../electron/common/protocols/heartRateMeasurement.ts';

export const name = 'ble-heart-rate';

export function target(bytes: Uint8Array): void {
  parseHeartRateMeasurement(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
