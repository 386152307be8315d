/** Fuzz target for marker reports and report descriptors; run by `test/fuzz/run.ts`. */
import { parseReportDescriptor } from '../../devices/drivers/hid-marker/descriptor.ts';
import { DEVICES, descriptorLayout, LAYOUTS } from '../../devices/drivers/hid-marker/layouts.ts';
import { HidMarkerParser } from '../../devices/drivers/hid-marker/parser.ts';

export const name = 'hid-marker';

const parsers = DEVICES.map((device) => new HidMarkerParser(LAYOUTS[device]));
/** Devices accept only reports of their own length. */
const LENGTHS = [2, 5, 8, 19, 64];
let turn = 0;

export function target(bytes: Uint8Array): void {
  turn += 1;
  const parser = parsers[turn % parsers.length];
  parser?.push(bytes);
  for (const length of LENGTHS) if (length <= bytes.length) parser?.push(bytes.subarray(0, length));
  descriptorLayout(parseReportDescriptor(bytes))?.read(bytes);
}
