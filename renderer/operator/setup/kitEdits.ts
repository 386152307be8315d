/** What a technician does to a kit, as pure functions: each gives a new kit, so that every step can be undone. */
import type { FoundDevice } from '../../../electron/common/found.ts';
import { type Kit, type Source, sourceSchema } from '../../../electron/common/kit.ts';
import { t } from '../../components/words.ts';

const NAMES = {
  camera: 'setup.name.camera',
  microphone: 'setup.name.microphone',
  screen: 'setup.name.screen',
  serial: 'setup.name.sensor',
  hid: 'setup.name.button',
} as const;

/** Used when nothing says what a serial device is: every device that prints lines. */
export const LAST_RESORT_DRIVER = 'lines';

/** A kit of all that is plugged in. @param found at least one device */
export function kitOfFound(found: readonly FoundDevice[]): Kit {
  const empty: Kit = { version: 1, name: t('setup.kit.first'), study: 'default', live: 'preview', sources: [] };
  return found.reduce(withDevice, empty);
}

/** The kit with one device more, named by its kind and number until a person names it. */
export function withDevice(kit: Kit, device: FoundDevice): Kit {
  const number = kit.sources.filter(({ kind }) => kind === device.kind).length + 1;
  return withSource(kit, {
    id: freeId(kit, device.kind),
    kind: device.kind,
    label: t(NAMES[device.kind], { number }),
    match: device.match,
    ...(device.kind === 'serial' || device.kind === 'hid' ? { driver: device.drivers[0] ?? LAST_RESORT_DRIVER } : {}),
  });
}

/** @param source what the schema fills in may be left out */
export const withSource = (kit: Kit, source: unknown): Kit => ({
  ...kit,
  sources: [...kit.sources, sourceSchema.parse(source)],
});

export const withoutSource = (kit: Kit, id: string): Kit => ({
  ...kit,
  sources: kit.sources.filter((source) => source.id !== id),
});

/** @param change fields of the source; undefined takes one away */
export function changed(kit: Kit, id: string, change: Record<string, unknown>): Kit {
  const sources = kit.sources.map((source) =>
    source.id === id ? sourceSchema.parse(withoutUndefined({ ...source, ...change })) : source,
  );
  return { ...kit, sources };
}

/** What is plugged in and not used by any source of the kit. */
export const unused = (found: readonly FoundDevice[]): FoundDevice[] =>
  found.filter((device) => device.source === null);

/** `camera-1`, `camera-2`, ...: the id is never shown, it names the folder and the track. */
export function freeId(kit: Kit, stem: string): string {
  const taken = new Set(kit.sources.map(({ id }) => id));
  for (let n = 1; ; n += 1) if (!taken.has(`${stem}-${n}`)) return `${stem}-${n}`;
}

const withoutUndefined = (source: Record<string, unknown>): unknown =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined));

export const isSensor = (source: Pick<Source, 'kind'>): boolean =>
  source.kind !== 'camera' && source.kind !== 'microphone' && source.kind !== 'screen';
