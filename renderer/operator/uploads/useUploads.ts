/** The queue and all that was decided about uploads, asked for anew while it is shown. */
import { useCallback, useEffect, useState } from 'react';
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import type { UploadsState } from '../../../electron/common/uploads.ts';
import { useStore } from '../useStore.ts';

const EVERY_MS = 1000;

export interface Uploads {
  /** Null: not heard of yet. */
  uploads: UploadsState | null;
  trouble: ErrorReport | null;
  /** Asks at once: something was done. */
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
      // An uploader that is started again is back before long; what was known stays in view.
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
