/** Anything that prints lines: delimited, `key: value`, JSON or Teleplot. See README.md. */
import { type DeviceInfo, defineDriver } from '../../driver.ts';
import { Conversation } from './conversation.ts';
import { type LinesSettings, linesSettingsSchema } from './settings.ts';

/** Chips of boards that print lines; none of them is conclusive. */
const BOARD_VENDORS = new Set(['0403', '10c4', '1a86', '2341', '16c0', '239a', '303a', '2e8a', '0483', '067b']);
const TICK_MS = 250;

export const linesDriver = defineDriver<LinesSettings>({
  id: 'lines',
  title: 'Prints lines (Arduino and others)',
  kinds: ['serial', 'tcp', 'udp'],
  settings: linesSettingsSchema,
  serial: { baudRate: 115_200, lowLatency: true },
  onlyListens: true,
  fits: (device: DeviceInfo) => (device.kind === 'serial' && BOARD_VENDORS.has(device.vendorId ?? '') ? 1 : 0),
  async run(context) {
    const conversation = new Conversation(context);
    context.link.onData = (bytes, arrivedNs) => conversation.read(bytes, arrivedNs);
    const timer = setInterval(() => conversation.tick(), TICK_MS);
    try {
      const error = await context.link.closed;
      if (error) throw error;
    } finally {
      clearInterval(timer);
      conversation.end();
    }
  },
});
