import type { UploadsState } from '../../../electron/common/uploads.ts';
import type { Actions } from '../useActions.ts';

/** What every part of the Uploads page is given. */
export interface PartProps {
  uploads: UploadsState;
  actions: Actions;
  /** Something was done: look again at once. */
  again: () => void;
}
