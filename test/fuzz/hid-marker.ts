/** Fuzz target of marker reports and report descriptors; run by `test/fuzz/run.ts`. */
import { parseReportDescriptor } from '../../devices/drivers/hid-marker/descriptor.ts';
import { DEVICES, descriptorLayout, LAYOUTS } from '../../devices/drivers/hid-marker/layouts.ts';
import { HidMarkerParser } from '../../devices/drivers/hid-marker/parser.ts';

export const name = 'hid-marker';

const parsers = DEVICES.map((device) => new HidMarkerParser(LAYOUTS[device]));
const LENGTHS = [1, 2, 5, 8, 19, 64];

export function target(bytes: Uint8Array): void {
  for (const parser of parsers) parser.push(bytes);
  // Devices take reports of their own length only: the input is cut to each.
  for (const length of LENGTHS) for (const parser of parsers) parser.push(bytes.subarray(0, length));
  descriptorLayout(parseReportDescriptor(bytes))?.read(bytes);
}
