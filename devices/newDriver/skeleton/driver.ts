/** TODO: one sentence about the device. See README.md. */
import { z } from 'zod';
import { fieldroomError } from '../../../electron/common/errors.ts';
import { type DeviceInfo, type DriverContext, defineDriver } from '../../driver.ts';
import { SkeletonParser } from './parser.ts';

const settingsSchema = z.strictObject({
  // Setup builds its form from this: give each field a title, a `unit`, and a `description` if the title is not enough.
  baudRate: z.number().int().min(50).max(12_000_000).default(115_200).meta({ title: 'Baud rate', unit: 'bit/s' }),
});
type Settings = z.infer<typeof settingsSchema>;

/** The device's counter wraps here. */
const WRAPS_AT = 65_536;
/** Bytes without a good frame after which a different device is assumed. */
const WRONG_AFTER_BYTES = 300;

export const skeletonDriver = defineDriver<Settings>({
  id: 'skeleton',
  title: 'TODO: what people call the device',
  kinds: ['serial'],
  settings: settingsSchema,
  serial: { baudRate: 115_200, lowLatency: true },
  // TODO: 2 for the vendor and product ids of the device, 1 for a chip shared by many boards.
  fits: (device: DeviceInfo) => (device.kind === 'serial' && device.vendorId === '2341' ? 1 : 0),
  async run(context: DriverContext<Settings>) {
    const { link } = context;
    const parser = new SkeletonParser();
    const stream = context.stream({
      suffix: '',
      channels: [{ name: 'value', unit: '', type: 'integer' }],
      deviceClock: { kind: 'counter', tickNs: 20_000_000, description: 'counts samples, 50 a second' },
    });
    let last: number | null = null;
    let deviceTime = 0;
    let unread = 0;
    const wrong = Promise.withResolvers<never>();
    link.onData = (bytes, arrivedNs) => {
      if (last === null) unread += bytes.byteLength;
      for (const frame of parser.push(bytes)) {
        if (frame.type === 'resync') {
          stream.gap(frame.reason, null, `${frame.discardedBytes} bytes discarded`, undefined, arrivedNs);
          continue;
        }
        const step = last === null ? 1 : (frame.counter - last + WRAPS_AT) % WRAPS_AT;
        if (step !== 1) {
          const skipped = step > 1 && step < WRAPS_AT / 2;
          stream.gap(
            skipped ? 'device-skipped' : 'device-restart',
            skipped ? step - 1 : null,
            '',
            undefined,
            arrivedNs,
          );
          deviceTime = skipped ? deviceTime + step : frame.counter;
        } else deviceTime = last === null ? frame.counter : deviceTime + 1;
        last = frame.counter;
        stream.sample({ values: [frame.value], arrivedNs, deviceTime });
      }
      if (last === null && unread > WRONG_AFTER_BYTES)
        wrong.reject(fieldroomError('device.wrong-device:skeleton', { path: link.path }));
    };
    // TODO: poll the device here if it needs to be asked: `await link.write(...)`, `await context.sleep(...)`.
    const error = await Promise.race([link.closed, wrong.promise]);
    if (error) throw error;
  },
});
