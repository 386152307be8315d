/** The laptop's battery, as reported by Chromium; null if there is none. */
import { useEffect, useState } from 'react';
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import { t } from '../components/words.ts';
import { isRecording } from './alarms.ts';

export interface Power {
  charging: boolean;
  /** 0 to 1. */
  level: number;
}

/** The parts of the W3C Battery Status API that are used; TypeScript's library does not include them. */
interface Battery extends EventTarget, Power {}
type WithBattery = Navigator & { getBattery?: () => Promise<Battery> };

const LOW = 0.2;

export function usePower(): Power | null {
  const [power, setPower] = useState<Power | null>(null);
  useEffect(() => {
    let battery: Battery | null = null;
    let wanted = true;
    const read = (): void => {
      if (battery) setPower({ charging: battery.charging, level: battery.level });
    };
    void (navigator as WithBattery)
      .getBattery?.()
      .then((found) => {
        if (!wanted) return;
        battery = found;
        read();
        for (const event of ['chargingchange', 'levelchange']) found.addEventListener(event, read);
      })
      .catch(() => undefined);
    return () => {
      wanted = false;
      for (const event of ['chargingchange', 'levelchange']) battery?.removeEventListener(event, read);
    };
  }, []);
  return power;
}

/** Adds battery warnings to the state: only while recording, and as an alarm when it is almost empty. */
export function withPower(state: ApplianceState, power: Power | null): ApplianceState {
  if (!power || power.charging || !isRecording(state)) return state;
  const low = power.level < LOW;
  const notice = {
    level: low ? ('error' as const) : ('warn' as const),
    code: 'power.battery',
    message: t(low ? 'power.low' : 'power.battery', { percent: Math.round(power.level * 100) }),
    nextStep: t('power.do'),
  };
  return { ...state, notices: [...state.notices, notice] };
}
