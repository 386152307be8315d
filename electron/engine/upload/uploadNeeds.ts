/** The uploads that wait for a person; shown on every page of the window, so that a failed upload is always visible. */
import type { UploadNeeds } from '../../common/uploads.ts';
import type { Journal, UploadRow } from './journal.ts';
import type { UploadRunner } from './uploadRunner.ts';

export const NO_NEEDS: UploadNeeds = { failed: 0, keys: 0 };

/** @param unsendable sessions of uploaded studies that cannot be sent as they are */
export function needsOf(
  journal: Pick<Journal, 'uploads'>,
  runner: Pick<UploadRunner, 'holdOf'>,
  unsendable: number,
): UploadNeeds {
  const wanted = journal.uploads().filter((row) => runner.holdOf(row) !== 'off');
  return {
    failed: wanted.filter(({ state }) => state === 'failed').length + unsendable,
    keys: wanted.filter((row) => isOpen(row) && runner.holdOf(row) === 'keys').length,
  };
}

const isOpen = ({ state }: UploadRow): boolean => state === 'queued' || state === 'waiting' || state === 'running';

/** The message; null: nothing waits for a person. */
export function needsNotice({ failed, keys }: UploadNeeds): { message: string; nextStep: string } | null {
  if (failed === 0 && keys === 0) return null;
  const parts = [
    ...(failed > 0 ? [failed === 1 ? '1 upload failed' : `${failed} uploads failed`] : []),
    ...(keys > 0 ? [keys === 1 ? '1 upload waits for keys' : `${keys} uploads wait for keys`] : []),
  ];
  return {
    message: `${parts.join(', ')}. The sessions are safe on this computer.`,
    nextStep: 'The Uploads page shows the reasons and next steps.',
  };
}
