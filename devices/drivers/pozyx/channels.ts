import type { Channel } from '../../../electron/common/stream.ts';

const number = (name: string, unit: string, label?: string): Channel => ({
  name,
  unit,
  type: 'number',
  ...(label === undefined ? {} : { label }),
});
const integer = (name: string, unit: string, label?: string): Channel => ({
  ...number(name, unit, label),
  type: 'integer',
});
const xyz = (prefix: string, unit: string): Channel[] =>
  ['x', 'y', 'z'].map((axis) => number(`${prefix}_${axis}`, unit));

export const POSITION_CHANNELS: readonly Channel[] = [integer('x', 'mm'), integer('y', 'mm'), integer('z', 'mm')];

/** The unit of the estimated error covariance is not documented. */
export const COVARIANCE_CHANNELS: readonly Channel[] = ['x', 'y', 'z', 'xy', 'xz', 'yz'].map((name) =>
  integer(`cov_${name}`, ''),
);

/** Arrival minus request: the sample was taken at most this long before its time. Always the last channel. */
export const REQUEST_AGE_CHANNEL: Channel = number(
  'request_age_us',
  'µs',
  'Time since the request that made the sample',
);

/** The order of the sensor block 50..80 and of the orientation sketch's line. */
export const SENSOR_CHANNELS: readonly Channel[] = [
  number('pressure', 'Pa'),
  ...xyz('acc', 'mg'),
  ...xyz('mag', 'µT'),
  ...xyz('gyro', '°/s'),
  number('heading', '°'),
  number('roll', '°'),
  number('pitch', '°'),
  number('quat_w', ''),
  ...xyz('quat', ''),
  ...xyz('linacc', 'mg'),
  ...xyz('gravity', 'mg'),
  number('temperature', '°C'),
];

export const RANGE_CHANNELS: readonly Channel[] = [
  { name: 'anchor', unit: '', type: 'text', label: 'Network id of the other end' },
  integer('distance', 'mm'),
  integer('rss', 'dBm', 'Received signal strength'),
];

export { integer as integerChannel, number as numberChannel, xyz as xyzChannels };
