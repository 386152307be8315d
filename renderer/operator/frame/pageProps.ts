import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import type { Study } from '../../../electron/common/study.ts';
import type { Actions } from '../useActions.ts';

/** What every page is given. */
export interface PageProps {
  state: ApplianceState;
  actions: Actions;
  /** The recorder is there: only then can it be asked for something. */
  heard: boolean;
  /** Null: it is being read, or there is no kit. */
  study: Study | null;
  saveStudy: (study: Study) => Promise<void>;
  /** What comes after the page in the address. */
  rest: readonly string[];
}
