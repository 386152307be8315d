/** The study of a session in review, for its codes and fields; the study of a session from elsewhere may be unknown here. */
import { useEffect, useState } from 'react';
import type { Study } from '../../../electron/common/study.ts';
import { useStore } from '../useStore.ts';

export function useReviewStudy(id: string): Study | null {
  const store = useStore();
  const [study, setStudy] = useState<Study | null>(null);
  useEffect(() => {
    let wanted = true;
    store.client
      .call('study.get', { id })
      .then((read) => wanted && setStudy(read))
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [store, id]);
  return study;
}
