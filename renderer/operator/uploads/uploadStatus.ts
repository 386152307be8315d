/** One sentence for an upload's state, and its severity. */
import type { UploadEntry } from '../../../electron/common/uploads.ts';
import { t } from '../../components/words.ts';

export type UploadLevel = 'good' | 'rest' | 'busy' | 'bad';

export interface UploadWord {
  mood: UploadLevel;
  text: string;
}

/** Whole percent; 100 only when everything is uploaded. */
export const percentOf = ({ bytes, doneBytes }: Pick<UploadEntry, 'bytes' | 'doneBytes'>): number =>
  bytes > 0 ? Math.min(100, Math.floor((100 * doneBytes) / bytes)) : 0;

export const isOver = ({ state }: Pick<UploadEntry, 'state'>): boolean => state === 'done' || state === 'freed';

export function uploadStatus(entry: UploadEntry): UploadWord {
  const { state, hold, error } = entry;
  if (state === 'done' || state === 'freed') return { mood: 'good', text: t(`uploads.state.${state}`) };
  if (state === 'failed') return { mood: 'bad', text: t('uploads.state.failed') };
  if (state === 'paused') return { mood: 'rest', text: t('uploads.state.paused') };
  if (hold) return { mood: hold === 'keys' ? 'bad' : 'rest', text: t(`uploads.hold.${hold}`) };
  const percent = percentOf(entry);
  if (state === 'running' && error) return { mood: 'busy', text: t('uploads.state.retrying', { percent }) };
  if (state === 'running' && percent === 100) return { mood: 'busy', text: t('uploads.state.checking') };
  if (state === 'running') return { mood: 'busy', text: t('uploads.state.running', { percent }) };
  return { mood: 'rest', text: t(`uploads.state.${state}`) };
}

/** The upload state of a session in the list: its most urgent upload; null: nothing to show. */
export function sessionUpload(entries: readonly UploadEntry[]): UploadWord | null {
  const open = entries.filter((entry) => !isOver(entry) && entry.hold !== 'off');
  if (open.some(({ state }) => state === 'failed')) return { mood: 'bad', text: t('sessions.upload.failed') };
  const running = open.find(({ state, hold }) => state === 'running' && hold === null);
  if (running) return { mood: 'busy', text: t('sessions.upload.running', { percent: percentOf(running) }) };
  return open.length > 0 ? { mood: 'rest', text: t('sessions.upload.waiting') } : null;
}
