import process from 'node:process';
import { listDevices } from '../../../devices/list.ts';
import { Progress, printJson, table } from '../terminal.ts';

export async function devices(options: { json?: boolean }): Promise<void> {
  const { devices: found, troubles } = await listDevices();
  for (const trouble of troubles) new Progress().say(`! ${trouble.message} ${trouble.nextStep}`);
  if (options.json) return printJson({ devices: found, troubles });
  if (found.length === 0) return void process.stdout.write('No serial ports or HID devices found.\n');
  const rows = found.map(({ device, probably, drivers }) => [
    device.kind,
    device.path,
    device.serialNumber ?? '',
    [device.vendorId, device.productId].filter(Boolean).join(':'),
    probably,
    drivers.join(', '),
  ]);
  process.stdout.write(`${table(['kind', 'path', 'serial number', 'id', 'likely device', 'driver'], rows)}\n`);
}
