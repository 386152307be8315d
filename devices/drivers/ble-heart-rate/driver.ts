/** Bluetooth heart rate: known here by name and settings, run by the capture window, where Web Bluetooth is. */
import { z } from 'zod';
import { fieldroomError } from '../../../electron/common/errors.ts';
import { defineDriver } from '../../driver.ts';

export const bleHeartRateSettingsSchema = z.strictObject({});
export type BleHeartRateSettings = z.infer<typeof bleHeartRateSettingsSchema>;

export const bleHeartRateDriver = defineDriver<BleHeartRateSettings>({
  id: 'ble-heart-rate',
  title: 'Heart strap over Bluetooth',
  kinds: ['ble'],
  settings: bleHeartRateSettingsSchema,
  // A Bluetooth device is neither a port nor a HID device.
  fits: () => 0,
  async run() {
    throw fieldroomError('device.capture-window');
  },
});
