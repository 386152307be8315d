/** Edits to a kit as steps that the recorder applies (`common/kitEdit.ts`). Pure. */
import type { FoundDevice } from '../../../electron/common/found.ts';
import type { Kit, Source } from '../../../electron/common/kit.ts';
import type { KitEditStep } from '../../../electron/common/kitEdit.ts';
import { t } from '../../components/words.ts';

export { freeId } from '../../../electron/common/kitEdit.ts';

/** A source as it is added: values that the schema fills in are omitted. */
export type NewSource = Record<string, unknown> & { kind: string };

const NAMES = {
  camera: 'setup.name.camera',
  microphone: 'setup.name.microphone',
  screen: 'setup.name.screen',
  serial: 'setup.name.sensor',
  hid: 'setup.name.button',
} as const;

/** Default for an unknown serial device: any device that prints lines. */
export const LAST_RESORT_DRIVER = 'lines';

/** Generic names that the system gives to ports and unnamed devices. */
const NO_NAME = /^(?:\/dev\/|COM\d+|tty|cu\.|hidraw|serial|hid|usb|unknown)/i;

/** Everything plugged in that a person would expect to be recorded: never their own screen automatically. */
export function newSources(found: readonly FoundDevice[], kit: Kit | null): NewSource[] {
  const all: NewSource[] = [];
  for (const device of found) if (device.kind !== 'screen') all.push(newSource(device, kit, all));
  return all;
}

/** One device, named by its own description, or by its kind and the next free number. */
export function newSource(device: FoundDevice, kit: Kit | null, others: readonly NewSource[] = []): NewSource {
  const taken = new Set([...(kit?.sources ?? []), ...others].map(({ label }) => String(label ?? '')));
  return {
    kind: device.kind,
    label: freeName(device, taken),
    match: device.match,
    ...(device.kind === 'serial' || device.kind === 'hid' ? { driver: device.drivers[0] ?? LAST_RESORT_DRIVER } : {}),
  };
}

function freeName({ kind, label }: FoundDevice, taken: ReadonlySet<string>): string {
  const own = label.replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)\s*$/i, '').trim();
  const sensor = kind === 'serial' || kind === 'hid';
  if (sensor && own.length > 2 && own.length <= 40 && !NO_NAME.test(own) && !taken.has(own)) return own;
  for (let number = 1; ; number += 1) {
    const name = t(NAMES[kind], { number });
    if (!taken.has(name)) return name;
  }
}

/**
 * Only differences go into the step, so that another pending step for a different field is kept.
 * @param change fields of the source; undefined removes one; `settings` replaces all settings
 */
export function changeStep(source: Source, change: Record<string, unknown>): KitEditStep {
  const { settings, ...set } = change;
  const freshSettings = 'driver' in set && set.driver !== source.driver;
  return {
    op: 'change',
    id: source.id,
    set: Object.fromEntries(Object.entries(set).map(([name, value]) => [name, value ?? null])),
    settings: settings === undefined ? {} : differences(freshSettings ? {} : source.settings, settings as object),
    freshSettings,
  };
}

function differences(before: object, after: object): Record<string, unknown> {
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(old.get(name)) !== JSON.stringify(value),
  );
  const gone = [...old.keys()].filter((name) => !(name in after)).map((name) => [name, null] as const);
  return Object.fromEntries([...changed.map(([name, value]) => [name, value ?? null] as const), ...gone]);
}

/** Plugged-in devices that no source of the kit uses. */
export const unused = (found: readonly FoundDevice[]): FoundDevice[] =>
  found.filter((device) => device.source === null);

export const isSensor = (source: Pick<Source, 'kind'>): boolean =>
  source.kind !== 'camera' && source.kind !== 'microphone' && source.kind !== 'screen';
