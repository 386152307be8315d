/** Seconds since the session's start, extrapolated between two states. */
import { useEffect, useState } from 'react';
import type { SessionState } from '../../electron/common/applianceState.ts';
import { toSeconds } from '../../electron/common/units.ts';
import { useStore } from './useStore.ts';

const EVERY_MS = 200;

export function useElapsed(session: SessionState | null): number {
  const store = useStore();
  const [, setTick] = useState(0);
  const runs = session?.state === 'recording' || session?.state === 'paused';
  useEffect(() => {
    if (!runs) return;
    const timer = window.setInterval(() => setTick((tick) => tick + 1), EVERY_MS);
    return () => window.clearInterval(timer);
  }, [runs]);
  if (!session) return 0;
  // Only while the recorder is connected: a clock that continued without it would suggest that all is well.
  const ahead = runs && store.connection.state === 'open' ? (performance.now() - store.stateAtMs) / 1000 : 0;
  return toSeconds(BigInt(session.elapsedNs)) + ahead;
}
