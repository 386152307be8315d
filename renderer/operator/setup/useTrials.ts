/** Has devices shown that are in no kit, for as long as a page is there that shows them. */
import { useEffect } from 'react';
import type { Source } from '../../../electron/common/kit.ts';
import { useStore } from '../useStore.ts';

/** More often than the recorder forgets them. */
const ASK_EVERY_MS = 2500;

/** @param wanted none: nothing is opened */
export function useTrials(wanted: readonly Source[]): void {
  const store = useStore();
  const text = JSON.stringify(wanted);
  useEffect(() => {
    const sources = JSON.parse(text) as Source[];
    // A recorder that is just being replaced is asked again: the preview comes a little later.
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
