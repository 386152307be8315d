/** How loud a microphone is, in decibels below full scale; drawn past React, ten times a second. */
import { type ReactNode, useEffect, useRef } from 'react';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import styles from './LevelMeter.module.css';

/** The quiet end of the meter. */
const FLOOR_DB = -60;
/** A meter that is told nothing for so long falls to nothing: it must not stand still and look alive. */
const STALE_MS = 800;
/** Of the meter, each time a level comes: a short word is still seen. */
const MOST_FALL = 0.2;

/** 0 to 1 along the meter. */
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
