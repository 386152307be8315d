/** The drivers of the device host. Requested until it has started, then kept while the window is open. */
import { useEffect, useState } from 'react';
import type { DriverInfo } from '../../../electron/common/settingsForm.ts';
import type { Actions } from '../useActions.ts';

const AGAIN_MS = 1500;
let known: readonly DriverInfo[] = [];

export function useDrivers({ call }: Pick<Actions, 'call'>): readonly DriverInfo[] {
  const [drivers, setDrivers] = useState(known);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const ask = async (): Promise<void> => {
      const answer = (await call('devices.drivers', {})) ?? [];
      if (gone) return;
      if (answer.length > 0) known = answer;
      else timer = setTimeout(() => void ask(), AGAIN_MS);
      setDrivers(known);
    };
    if (known.length === 0) void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [call]);
  return drivers;
}

/** @param id an unknown driver (from another installation's kit) is shown by its id */
export const driverTitle = (drivers: readonly DriverInfo[], id: string): string =>
  drivers.find((driver) => driver.id === id)?.title ?? id;

/** @param now the driver in use, offered even if it is not known here */
export function driverChoices(
  drivers: readonly DriverInfo[],
  kind: string,
  now: string,
): { value: string; label: string }[] {
  const fitting = drivers.filter(({ kinds }) => kinds.includes(kind)).map(({ id }) => id);
  const ids = fitting.includes(now) || now === '' ? fitting : [...fitting, now];
  return ids.map((value) => ({ value, label: driverTitle(drivers, value) }));
}
