/** Names for vendor and product ids. Hints only: a chip never shows which sensor is behind it. */
import type { DeviceInfo } from './driver.ts';

const PRODUCTS: Record<string, string> = {
  '08f7:0010': 'Vernier Go Direct sensor',
  '0fcf:1003': 'ANT+ stick',
  '0fcf:1004': 'ANT+ stick',
  '0fcf:1006': 'ANT+ stick',
  '0fcf:1008': 'ANT+ stick (ANTUSB2)',
  '0fcf:1009': 'ANT+ stick (ANTUSB-m)',
  '05f3:00ff': 'Infinity foot pedal',
  '05f3:0268': 'X-keys foot pedal',
  '0c45:7403': 'PCsensor pedal',
  '046d:c538': 'Logitech presenter',
  '046d:c52d': 'Logitech presenter',
  '054c:1000': 'Buzz buzzers, wireless',
  '054c:0002': 'Buzz buzzers',
  '1d34:000d': 'Dream Cheeky button',
  '077d:0410': 'Griffin PowerMate knob',
  '1881:0150': 'i>clicker base',
  '0483:5740': 'STM32 board (a Pozyx tag is one)',
};

const VENDORS: Record<string, string> = {
  '0403': 'FTDI serial adapter',
  '0483': 'ST board (a Pozyx tag is one)',
  '067b': 'Prolific serial adapter',
  '0fcf': 'ANT+ device',
  '10c4': 'CP210x serial adapter',
  '1546': 'u-blox GPS receiver',
  '16c0': 'Teensy board',
  '1a86': 'CH340 serial adapter',
  '2341': 'Arduino board',
  '239a': 'Adafruit board',
  '2e8a': 'Raspberry Pi Pico',
  '303a': 'Espressif board',
};

/** Empty if nothing is known. */
export function knownDevice({ vendorId = '', productId = '' }: DeviceInfo): string {
  return PRODUCTS[`${vendorId}:${productId}`] ?? VENDORS[vendorId] ?? '';
}
