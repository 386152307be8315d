/**
 * Decides which strap a source refers to. Identical straps are never guessed: a child's heart must not be recorded as
 * another's. Pure. Everything in a match must apply; `serialNumber` and `path` both mean the chooser's device id.
 */
import type { Match } from '../../../electron/common/kit.ts';
import type { FoundDevice } from './backend.ts';

/** A source that needs a strap. */
export interface StrapWish {
  source: string;
  match: Match;
}

export type StrapChoice =
  | { kind: 'device'; device: FoundDevice /** Named by its id: there can be no other. */; exact: boolean }
  | { kind: 'choosing'; candidates: { label: string; match: Record<string, string> }[] }
  | { kind: 'none'; takenBy: string | null };

const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
const namesId = ({ path, serialNumber }: Match): boolean => path !== undefined || serialNumber !== undefined;
const namesAny = (match: Match): boolean => namesId(match) || match.label !== undefined;

/** Straps that the match allows, in use or not. A whole name takes precedence over a part of one. */
function fitting(match: Match, devices: readonly FoundDevice[]): FoundDevice[] {
  const { path, serialNumber, label } = match;
  const ids = [path, serialNumber].filter((id) => id !== undefined);
  const byId = devices.filter((device) => ids.every((id) => sameId(id, device.id)));
  if (label === undefined) return byId;
  const whole = byId.filter((device) => device.name === label);
  if (whole.length > 0) return whole;
  return byId.filter((device) => device.name.toLowerCase().includes(label.toLowerCase()));
}

/**
 * @param devices all that were seen, including those that are silent now: they are still twins.
 * @param taken source by device id, for open devices.
 */
export function chooseStrap(
  wish: StrapWish,
  devices: readonly FoundDevice[],
  taken: ReadonlyMap<string, string>,
  wishes: readonly StrapWish[],
): StrapChoice {
  const fit = fitting(wish.match, devices);
  const others = wishes.filter((other) => other.source !== wish.source && namesAny(other.match));
  // A strap that another source names by its id is excluded, as is every named one for a source that names none.
  const reserved = (device: FoundDevice): boolean =>
    !namesId(wish.match) &&
    others.some(
      (other) => (namesId(other.match) || !namesAny(wish.match)) && fitting(other.match, [device]).length > 0,
    );
  const free = fit.filter((device) => (taken.get(device.id) ?? wish.source) === wish.source && !reserved(device));
  const [device] = free;
  if (!device)
    return { kind: 'none', takenBy: fit.map(({ id }) => taken.get(id)).find((by) => by !== undefined) ?? null };
  if (free.length === 1) return { kind: 'device', device, exact: namesId(wish.match) };
  return {
    kind: 'choosing',
    // A stable order, independent of what the radio receives first.
    candidates: free
      .toSorted((a, b) => (`${a.name} ${a.id}` < `${b.name} ${b.id}` ? -1 : 1))
      .slice(0, 64)
      .map(({ id, name }) => ({
        label: `${name || 'Heart strap without a name'} (${id})`.slice(0, 300),
        match: { path: id },
      })),
  };
}

/** Why no strap can ever match, or null: Bluetooth has no vendor and product numbers. */
export const wrongMatch = (match: Match): string | null =>
  match.vendorId !== undefined || match.productId !== undefined ? 'vendorId and productId are USB numbers' : null;
