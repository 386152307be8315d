import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { Study } from '../../../electron/common/study.ts';
import type { Actions } from '../useActions.ts';

/** Passed to every page. */
export interface PageProps {
  state: ApplianceState;
  actions: Actions;
  /** The recorder is connected and can take requests. */
  heard: boolean;
  /** Null: it is being read, or there is no kit. */
  study: Study | null;
  saveStudy: (study: Study) => Promise<void>;
  /** The part of the address after the page. */
  rest: readonly string[];
}
