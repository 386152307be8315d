/** The list of sessions, fetched repeatedly while it is shown. */
import { useCallback, useEffect, useState } from 'react';
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import type { SessionEntry, Trashed } from '../../../electron/common/review.ts';
import { useStore } from '../useStore.ts';

const EVERY_MS = 2000;

export interface Sessions {
  /** Null: not loaded yet. */
  sessions: readonly SessionEntry[] | null;
  trashed: readonly Trashed[];
  trouble: ErrorReport | null;
  /** Fetches immediately, after an action. */
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
      // The previous list stays visible: a restarting recorder is back soon.
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
