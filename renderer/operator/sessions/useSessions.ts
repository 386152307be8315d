/** The list of sessions, asked for anew while it is shown. */
import { useCallback, useEffect, useState } from 'react';
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import type { SessionEntry, Trashed } from '../../../electron/common/review.ts';
import { useStore } from '../useStore.ts';

const EVERY_MS = 2000;

export interface Sessions {
  /** Null: not heard of yet. */
  sessions: readonly SessionEntry[] | null;
  trashed: readonly Trashed[];
  trouble: ErrorReport | null;
  /** Asks at once: something was done. */
  again: () => void;
}

export function useSessions(): Sessions {
  const store = useStore();
  const [found, setFound] = useState<Omit<Sessions, 'again'>>({ sessions: null, trashed: [], trouble: null });
  const ask = useCallback(async (): Promise<void> => {
    try {
      const [list, trash] = await Promise.all([
        store.client.call('sessions.list', {}),
        store.client.call('trash.list', {}),
      ]);
      setFound({ sessions: list.sessions, trashed: trash.sessions, trouble: null });
    } catch (error) {
      // What was known stays in view: a recorder that is replaced is back before long.
      setFound((before) => ({ ...before, trouble: reportOf(error) }));
    }
  }, [store]);
  useEffect(() => {
    void ask();
    const timer = window.setInterval(() => void ask(), EVERY_MS);
    return () => window.clearInterval(timer);
  }, [ask]);
  return { ...found, again: () => void ask() };
}
