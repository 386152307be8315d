/** Selects the channels of a Go Direct device to measure, and names them. */
import { type FieldroomError, fieldroomError } from '../../../electron/common/errors.ts';
import type { Channel } from '../../../electron/common/stream.ts';
import { channelsOf, type GoDirectSensor } from './protocol.ts';

const named = (sensor: GoDirectSensor): string =>
  sensor.unit === '' ? sensor.description : `${sensor.description} (${sensor.unit})`;
const plain = (text: string): string => text.toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * In ascending order of channel, as packets carry them.
 * @param wanted as in the settings; undefined: the channels of `defaults`, a mask.
 * @throws FieldroomError `device.no-channel` if the device has no such channel, or two that match.
 */
export function choose(
  all: readonly GoDirectSensor[],
  wanted: readonly (string | number)[] | undefined,
  defaults: number,
  device: string,
): GoDirectSensor[] {
  if (wanted === undefined) {
    const usual = all.filter((sensor) => channelsOf(defaults).includes(sensor.channel));
    if (usual.length > 0) return usual;
    throw missing('none that it measures by default', all, device);
  }
  const chosen = new Set(wanted.map((want) => one(want, all, device)));
  return all.filter((sensor) => chosen.has(sensor));
}

function one(want: string | number, all: readonly GoDirectSensor[], device: string): GoDirectSensor {
  const found = all.filter((sensor) =>
    typeof want === 'number'
      ? sensor.channel === want
      : [plain(sensor.description), plain(named(sensor))].includes(plain(want)),
  );
  const [first, second] = found;
  if (first && !second) return first;
  throw missing(first ? `more than one "${want}"` : `no channel "${want}"`, all, device);
}

function missing(what: string, all: readonly GoDirectSensor[], device: string): FieldroomError {
  const list = all.map((sensor) => `"${named(sensor)}"`).join(', ');
  return fieldroomError('device.no-channel', { device, what, list });
}

/** `Respiration Rate` becomes `respiration_rate`; duplicate names get their channel's number. */
export function channelOf(sensor: GoDirectSensor, others: readonly GoDirectSensor[]): Channel {
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^[^a-z]+|_+$/g, '')
      .slice(0, 50);
  const base = slug(sensor.description) || 'channel';
  const alike = others.some((other) => other !== sensor && (slug(other.description) || 'channel') === base);
  return {
    name: alike ? `${base}_${sensor.channel}` : base,
    unit: sensor.unit.slice(0, 32),
    type: sensor.isInteger ? 'integer' : 'number',
    label: sensor.description.slice(0, 120),
  };
}
