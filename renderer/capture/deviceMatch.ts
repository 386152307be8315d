/**
 * Decides which device a source refers to. Identical devices are never guessed: if several match, a person chooses
 * among candidates, distinguished by label and ordinal (`deviceId` changes with the profile, so it is never stored).
 */
import type { Match } from '../../electron/common/kit.ts';

export interface Device {
  deviceId: string;
  label: string;
}

/** A source that needs a device, in the kit's order. */
export interface Wish {
  source: string;
  match: Match;
}

export type Choice =
  | { kind: 'device'; device: Device }
  | { kind: 'choosing'; candidates: { label: string; match: Record<string, string> }[] }
  /** Nothing available matches. `takenBy`: the source that uses the only match. */
  | { kind: 'none'; takenBy: string | null };

/** A person's choice in `match.path`: `#2` is the second device with that label, or of the kind if there is no label. */
export const ordinalOf = (match: Match): number | null => {
  const found = /^#?([1-9]\d{0,2})$/.exec(match.path ?? '');
  return found ? Number(found[1]) : null;
};

/** The browser's aliases of another device (`default`, `communications`) are skipped. */
export const isRealDevice = (device: Device): boolean =>
  device.deviceId !== '' && device.deviceId !== 'default' && device.deviceId !== 'communications';

const hits = (devices: readonly Device[], match: Match): Device[] => {
  const label = match.label;
  if (label === undefined) return [...devices];
  const whole = devices.filter((device) => device.label === label);
  return whole.length > 0
    ? whole
    : devices.filter((device) => device.label.toLowerCase().includes(label.toLowerCase()));
};

/** Explicit matches name something, so they are served before those that take any free device. */
const isExplicit = (match: Match): boolean => match.label !== undefined || ordinalOf(match) !== null;

/**
 * @param devices all of one kind, in the system's order.
 * @param taken source by deviceId, for open devices.
 */
export function chooseDevice(
  wish: Wish,
  devices: readonly Device[],
  taken: ReadonlyMap<string, string>,
  all: readonly Wish[],
): Choice {
  if (
    Object.keys(wish.match).some((key) => key !== 'label' && key !== 'path') ||
    (wish.match.path !== undefined && ordinalOf(wish.match) === null)
  )
    return { kind: 'none', takenBy: null };
  const ordinal = ordinalOf(wish.match);
  const found = hits(devices, wish.match);
  const freeOf = (device: Device): boolean => (taken.get(device.deviceId) ?? wish.source) === wish.source;
  if (ordinal !== null) {
    const device = found[ordinal - 1];
    if (!device) return { kind: 'none', takenBy: null };
    return freeOf(device) ? { kind: 'device', device } : { kind: 'none', takenBy: taken.get(device.deviceId) ?? null };
  }
  if (isExplicit(wish.match)) {
    if (found.length > 1) return { kind: 'choosing', candidates: found.map((device) => candidate(device, devices)) };
    const [device] = found;
    if (!device) return { kind: 'none', takenBy: null };
    return freeOf(device) ? { kind: 'device', device } : { kind: 'none', takenBy: taken.get(device.deviceId) ?? null };
  }
  // The first free one that no other source asks for by name.
  const reserved = new Set(
    all
      .filter((other) => other.source !== wish.source && isExplicit(other.match))
      .flatMap((other) => named(other.match, devices)),
  );
  const device = devices.find((one) => freeOf(one) && !reserved.has(one.deviceId));
  return device ? { kind: 'device', device } : { kind: 'none', takenBy: null };
}

function named(match: Match, devices: readonly Device[]): string[] {
  const found = hits(devices, match);
  const ordinal = ordinalOf(match);
  return (ordinal === null ? found : found.slice(ordinal - 1, ordinal)).map((device) => device.deviceId);
}

/** Distinguishes a device from its twins. */
export function candidate(
  device: Device,
  devices: readonly Device[],
): { label: string; match: Record<string, string> } {
  const twins = devices.filter((other) => other.label === device.label);
  const ordinal = twins.indexOf(device) + 1;
  const label = twins.length > 1 ? `${device.label} (${ordinal} of ${twins.length})` : device.label;
  return { label, match: { label: device.label, path: `#${ordinal}` } };
}
