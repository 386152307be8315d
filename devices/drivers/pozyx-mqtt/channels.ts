import type { Channel } from '../../../electron/common/stream.ts';
import { numberChannel, POSITION_CHANNELS, xyzChannels } from '../pozyx/channels.ts';

/** Coordinates are numbers in mm, not necessarily whole. */
export const UPDATE_CHANNELS: readonly Channel[] = [
  ...POSITION_CHANNELS.map((channel) => ({ ...channel, type: 'number' as const })),
  // Radians, judging by the values; the documentation does not say.
  numberChannel('yaw', 'rad'),
  numberChannel('roll', 'rad'),
  numberChannel('pitch', 'rad'),
  numberChannel('latency', 'ms', 'From the first anchor packet to the publication'),
  numberChannel('update_rate', 'Hz'),
  numberChannel('success_rate', 'Hz'),
  numberChannel('packet_loss', ''),
];

/** Version 2.0's sensors; only the unit of the acceleration is documented. */
export const MOTION_CHANNELS: readonly Channel[] = [
  numberChannel('blink_index', ''),
  ...xyzChannels('acc', 'mg'),
  ...xyzChannels('gyro', ''),
  ...xyzChannels('mag', ''),
  ...xyzChannels('euler', ''),
  numberChannel('quat_w', ''),
  ...xyzChannels('quat', ''),
  ...xyzChannels('gravity', ''),
  numberChannel('pressure', ''),
];

export const CUSTOM_CHANNELS: readonly Channel[] = [
  { name: 'name', unit: '', type: 'text' },
  numberChannel('value', ''),
  { name: 'text', unit: '', type: 'text', label: 'The value where it is no number' },
];

export const ANCHOR_CHANNELS: readonly Channel[] = [
  { name: 'anchor', unit: '', type: 'text', label: 'Id of the anchor' },
  numberChannel('rss', 'dBm', 'Received signal strength'),
];
