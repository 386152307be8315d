import type { UploadsState } from '../../../electron/common/uploads.ts';
import type { Actions } from '../useActions.ts';

/** Passed to every part of the Uploads page. */
export interface PartProps {
  uploads: UploadsState;
  actions: Actions;
  /** Fetches again immediately after an action. */
  again: () => void;
}
