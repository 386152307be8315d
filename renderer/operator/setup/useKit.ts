/** The kit in use, for editing: each change is one step that the recorder applies in order, and can be undone. */
import { useEffect, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { CallOutput } from '../../../electron/common/door.ts';
import type { Kit, Source } from '../../../electron/common/kit.ts';
import type { KitEditStep } from '../../../electron/common/kitEdit.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { changeStep, type NewSource } from './kitEdits.ts';

type KitInUse = NonNullable<CallOutput<'kit.get'>>;

export interface KitEdit {
  /** Null: no kit is in use, or it is still being read. */
  kit: Kit | null;
  path: string | null;
  /** Null: it was rejected, and the reason is shown. */
  edit: (step: KitEditStep) => Promise<unknown>;
  add: (sources: readonly NewSource[]) => Promise<unknown>;
  /** @param change as in the fields: all settings, undefined for those removed */
  change: (source: Source, change: Record<string, unknown>) => Promise<unknown>;
  /** Undefined: there is nothing to undo. */
  undo: (() => void) | undefined;
}

export function useKit(state: ApplianceState, { call }: Actions): KitEdit {
  const [current, setCurrent] = useState<KitInUse | null>(null);
  const revision = state.kit?.revision ?? null;
  useEffect(() => {
    if (revision === null) setCurrent(null);
    else if (current?.revision !== revision) void call('kit.get', {}).then(setCurrent);
  }, [revision, current?.revision, call]);
  // An answer overtaken by a later one is not shown.
  const take = (next: KitInUse | null): KitInUse | null => {
    if (next) setCurrent((before) => (before && before.revision > next.revision ? before : next));
    return next;
  };
  const edit = async (step: KitEditStep): Promise<unknown> => take(await call('kit.edit', step));
  return {
    kit: current?.kit ?? null,
    path: current?.path ?? null,
    edit,
    add: (sources) => edit({ op: 'add', sources: [...sources], kitName: t('setup.kit.first') }),
    change: (source, change) => edit(changeStep(source, change)),
    undo: current?.canUndo ? () => void call('kit.undo', {}).then(take) : undefined,
  };
}
