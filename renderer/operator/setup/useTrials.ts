/** Requests previews of devices that are not in the kit, for as long as a page shows them. */
import { useEffect } from 'react';
import type { Source } from '../../../electron/common/kit.ts';
import { useStore } from '../useStore.ts';

/** Shorter than the time after which the recorder stops a preview. */
const ASK_EVERY_MS = 2500;

/** @param wanted empty: nothing is opened */
export function useTrials(wanted: readonly Source[]): void {
  const store = useStore();
  const text = JSON.stringify(wanted);
  useEffect(() => {
    const sources = JSON.parse(text) as Source[];
    // If the recorder is restarting, the request is repeated, so the preview appears slightly later.
    const ask = (all: Source[]): void => {
      const { client } = store;
      void client.call('devices.try', { sources: all }).catch(() => undefined);
    };
    if (sources.length === 0) return;
    ask(sources);
    const timer = window.setInterval(() => ask(sources), ASK_EVERY_MS);
    return () => {
      window.clearInterval(timer);
      ask([]);
    };
  }, [store, text]);
}
