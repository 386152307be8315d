/** The upload queue and its settings, fetched repeatedly while shown. */
import { useCallback, useEffect, useState } from 'react';
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import type { UploadsState } from '../../../electron/common/uploads.ts';
import { useStore } from '../useStore.ts';

const EVERY_MS = 1000;

export interface Uploads {
  /** Null: not loaded yet. */
  uploads: UploadsState | null;
  trouble: ErrorReport | null;
  /** Fetches immediately, after an action. */
  again: () => void;
}

export function useUploads(everyMs = EVERY_MS): Uploads {
  const store = useStore();
  const [found, setFound] = useState<Omit<Uploads, 'again'>>({ uploads: null, trouble: null });
  const ask = useCallback(async (): Promise<void> => {
    try {
      setFound({ uploads: await store.client.call('uploads.get', {}), trouble: null });
    } catch (error) {
      const trouble = reportOf(error);
      // A restarting uploader is back soon; the previous state stays visible.
      setFound((before) => ({ ...before, trouble: trouble.code === 'upload.stopped' ? before.trouble : trouble }));
    }
  }, [store]);
  useEffect(() => {
    void ask();
    const timer = window.setInterval(() => void ask(), everyMs);
    return () => window.clearInterval(timer);
  }, [ask, everyMs]);
  return { ...found, again: () => void ask() };
}
