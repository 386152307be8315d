/** The heart straps that a scanning ANT+ stick currently receives, and which of them was just touched. */
import { useEffect, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import type { DoorStore } from '../doorStore.ts';
import { useStore } from '../useStore.ts';
import { type HeardStrap, QUIET_MS, TouchDetector } from './strapTouch.ts';

const LOOK_EVERY_MS = 200;
const HEART_RATE_COLUMN = 1;

export interface StrapNow {
  strap: string;
  /** Beats per minute as computed by the strap; null: it is not received now. */
  heartRateBpm: number | null;
}

interface TouchedStraps {
  straps: readonly StrapNow[];
  touched: readonly string[];
  /** The touched strap has been assigned. */
  done: () => void;
}

/** @param source id in the kit: a strap's stream is called `SOURCE-NUMBER` */
export function useTouchedStrap(source: string, streams: SourceHealth['streams']): TouchedStraps {
  const store = useStore();
  const [watch] = useState(() => new TouchDetector(heard(store, source, streams)));
  const [, redraw] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => {
      watch.look(heard(store, source, streams));
      redraw((count) => count + 1);
    }, LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [watch, store, source, streams]);
  return {
    straps: heard(store, source, streams).map(({ strap, beatAtMs }) => {
      const rate = store.samples(`${source}-${strap}`).last?.[HEART_RATE_COLUMN];
      const now = beatAtMs !== null && performance.now() - beatAtMs < QUIET_MS;
      return { strap, heartRateBpm: now && typeof rate === 'number' ? rate : null };
    }),
    touched: watch.touched,
    done: () => {
      watch.done();
      redraw((count) => count + 1);
    },
  };
}

function heard(store: DoorStore, source: string, streams: SourceHealth['streams']): HeardStrap[] {
  return streams.flatMap(({ id }): HeardStrap[] => {
    const strap = id.slice(source.length + 1);
    return /^\d+$/.test(strap) ? [{ strap, beatAtMs: store.samples(id).cameAtMs }] : [];
  });
}
