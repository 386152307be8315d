/** The level of a microphone in decibels below full scale; drawn without React, ten times a second. */
import { type ReactNode, useEffect, useRef } from 'react';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import styles from './LevelMeter.module.css';

/** The lower end of the meter. */
const FLOOR_DB = -60;
/** A meter without data for this long drops to zero, so that it does not look alive. */
const STALE_MS = 800;
/** Maximum drop per update, as a share of the meter, so that a short word stays visible. */
const MOST_FALL = 0.2;

/** Position on the meter, 0 to 1. */
export function meterFraction(peak: number): number {
  if (peak <= 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak)) / FLOOR_DB));
}

export function LevelMeter({ source, name, muted }: { source: string; name: string; muted: boolean }): ReactNode {
  const store = useStore();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: number | undefined;
    let shown = 0;
    const draw = (fraction: number): void => {
      shown = fraction;
      if (!bar.current) return;
      bar.current.style.setProperty('--hidden', String(1 - fraction));
      bar.current.setAttribute('aria-valuenow', String(Math.round(FLOOR_DB * (1 - fraction))));
    };
    draw(0);
    const unsubscribe = store.subscribe(`level:${source}`, () => {
      draw(muted ? 0 : Math.max(meterFraction(store.peak(source)), shown - MOST_FALL));
      window.clearTimeout(timer);
      timer = window.setTimeout(() => draw(0), STALE_MS);
    });
    return () => {
      unsubscribe();
      window.clearTimeout(timer);
    };
  }, [store, source, muted]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> cannot be drawn past React by one CSS variable
    <div
      ref={bar}
      className={styles.meter}
      role="meter"
      aria-label={t('level.of', { name })}
      aria-valuemin={FLOOR_DB}
      aria-valuemax={0}
      aria-valuenow={FLOOR_DB}
    />
  );
}
