/** The study that sessions are recorded into: roster, absences, marker names. Fetched once and updated when it is saved. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { Study } from '../../../electron/common/study.ts';
import type { Actions } from '../useActions.ts';

/** Shared by the pages of the window, by the study's id. */
const known = new Map<string, Study>();
const listeners = new Set<() => void>();

function keep(study: Study): void {
  known.set(study.id, study);
  for (const listener of listeners) listener();
}

const listen = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export interface StudyEdit {
  /** Null: being read, or there is neither a kit nor a session. */
  study: Study | null;
  save: (next: Study) => Promise<void>;
}

export function useStudy(state: ApplianceState, { call }: Actions): StudyEdit {
  const id = state.session?.study ?? state.kit?.study ?? null;
  const study = useSyncExternalStore(listen, () => (id === null ? null : (known.get(id) ?? null)));
  const [asked, setAsked] = useState<string | null>(null);
  useEffect(() => {
    if (id === null || id === asked || known.has(id)) return;
    setAsked(id);
    void call('study.get', { id }).then((read) => read && keep(read));
  }, [id, asked, call]);
  return {
    study,
    save: async (next) => {
      if (await call('study.save', { study: next })) keep(next);
    },
  };
}
