/** Finds the device that a source of the kit refers to. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceState } from '../../electron/common/ingest.ts';
import type { SensorSource } from '../../electron/common/kit.ts';
import type { DeviceInfo } from '../driver.ts';
import type { Registered } from '../registry.ts';
import type { Target } from '../transports/open.ts';
import type { Inventory } from './inventory.ts';
import { deviceLabel, matchDevice, matchOf } from './matching.ts';
import type { StateWords } from './stateReporter.ts';

export interface Search {
  source: SensorSource;
  driver: Registered['driver'];
  inventory: Inventory;
  /** Paths that are open. */
  taken: ReadonlySet<string>;
  /** True for a device that another source names. */
  reserved: (device: DeviceInfo, by: SensorSource) => boolean;
  tell: (state: SourceState['state'], words: Partial<StateWords>) => void;
  signal: AbortSignal;
}

/** Maximum number of identical devices shown to a person. */
const MAX_CANDIDATES = 64;

/** True for a path from the system's device list: its properties decide, not the path alone. */
export async function isListed(path: string, { source, inventory, taken }: Search): Promise<boolean> {
  if ((source.kind !== 'serial' && source.kind !== 'hid') || taken.has(path)) return false;
  return (await inventory.list(source.kind)).some((device) => device.path === path);
}

/** Waits until exactly one device matches the kit. @throws AbortError */
export async function findTarget({
  source,
  driver,
  inventory,
  taken,
  reserved,
  tell,
  signal,
}: Search): Promise<Target & { device: DeviceInfo }> {
  for (;;) {
    const devices = await inventory.list(source.kind as DeviceInfo['kind']);
    signal.throwIfAborted();
    const result = matchDevice(
      source,
      driver,
      devices,
      taken,
      (device) => reserved(device, source),
      (device) => inventory.hasTwin(device),
    );
    if (result.state === 'found') return { path: result.device.path, device: result.device };
    if (result.state === 'none')
      tell('searching', {
        message: `${driver.title}: not plugged in yet.`,
        nextStep: 'Plug it in; Fieldroom finds it automatically.',
        code: 'device.not-found',
      });
    else
      tell('choosing', {
        message: `${result.candidates.length} devices match equally well.`,
        nextStep: 'Choose the right one.',
        code: 'device.ambiguous',
        candidates: result.candidates
          .slice(0, MAX_CANDIDATES)
          .map((device) => ({ label: deviceLabel(device), match: matchOf(device, devices) })),
      });
    await sleep(inventory.pollMs, undefined, { signal });
  }
}
