/** The kit in use as something to edit: each change is saved at once, and can be taken back. */
import { useEffect, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { Kit } from '../../../electron/common/kit.ts';
import type { Actions } from '../useActions.ts';

export interface KitEdit {
  /** Null: none is in use, or it is still being read. */
  kit: Kit | null;
  path: string | null;
  save: (next: Kit) => Promise<void>;
  /** Undefined: there is nothing to take back. */
  undo: (() => void) | undefined;
}

interface Current {
  kit: Kit;
  path: string | null;
  revision: number;
}

/** Earlier states of each kit while the window is open, the last at the end. Outlives a look at another page. */
const history = new Map<string, Kit[]>();
const STEPS = 100;

export function useKit(state: ApplianceState, { call }: Actions): KitEdit {
  const [current, setCurrent] = useState<Current | null>(null);
  const revision = state.kit?.revision ?? null;
  useEffect(() => {
    if (revision === null) setCurrent(null);
    else if (current?.revision !== revision) void call('kit.get', {}).then(setCurrent);
  }, [revision, current?.revision, call]);

  const write = async (kit: Kit): Promise<boolean> => {
    const saved = await call('kit.save', { kit, path: current?.path ?? null });
    if (saved) setCurrent({ kit, ...saved });
    return saved !== null;
  };
  const steps = history.get(current?.path ?? '') ?? [];
  return {
    kit: current?.kit ?? null,
    path: current?.path ?? null,
    save: async (next) => {
      const before = current?.kit;
      if ((await write(next)) && before && current?.path)
        history.set(current.path, [...steps.slice(1 - STEPS), before]);
    },
    undo:
      steps.length === 0
        ? undefined
        : () => {
            const last = steps[steps.length - 1] as Kit;
            void write(last).then((done) => done && history.set(current?.path ?? '', steps.slice(0, -1)));
          },
  };
}
