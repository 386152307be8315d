/**
 * Bluetooth heart rate: only its name and settings are registered here; it runs in the capture window, which has Web
 * Bluetooth.
 */
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
  // A Bluetooth device is neither a serial port nor a HID device.
  fits: () => 0,
  async run() {
    throw fieldroomError('device.capture-window');
  },
});
