/** One upload: its progress, errors with the next step, its position in the queue, and its files. */

import { type ReactNode, useState } from 'react';
import { formatBytes } from '../../../electron/common/units.ts';
import type { UploadEntry } from '../../../electron/common/uploads.ts';
import { ErrorText } from '../../components/ErrorText.tsx';
import { clockText } from '../../components/format.ts';
import { ProgressBar } from '../../components/ProgressBar.tsx';
import { SmallButton } from '../../components/SmallButton.tsx';
import { number, t, type WordKey } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { FileList } from './FileList.tsx';
import styles from './UploadCard.module.css';
import { isOver, percentOf, uploadStatus } from './uploadStatus.ts';

export interface UploadCardProps {
  entry: UploadEntry;
  actions: Actions;
  again: () => void;
  /** Ids of all open uploads, in order. */
  queue: readonly number[];
  /** Position of this one among them. */
  at: number;
}

export function UploadCard({ entry, actions, again, queue, at }: UploadCardProps): ReactNode {
  const [open, setOpen] = useState(false);
  const { session, place, study, error } = entry;
  const { mood, text } = uploadStatus(entry);
  const title = t('uploads.of', { session, place });
  return (
    <article className={styles.card} aria-label={title} data-mood={mood}>
      <div className={styles.main}>
        <h3>{session}</h3>
        <p className={styles.facts}>
          {t('uploads.from', { study })} · {place}
        </p>
        {!isOver(entry) && (
          <div className={styles.bar}>
            <ProgressBar percent={percentOf(entry)} label={t('uploads.progress.of', { session })} />
          </div>
        )}
        <p className={styles.facts}>{figuresOf(entry)}</p>
        {error && (
          <p className={styles.error} role={entry.state === 'failed' ? 'alert' : undefined}>
            <ErrorText error={error} /> {againText(entry)}
          </p>
        )}
      </div>
      <div className={styles.side}>
        <p className={styles.state}>{text}</p>
        <Buttons entry={entry} actions={actions} again={again} queue={queue} at={at}>
          <SmallButton
            aria-expanded={open}
            name={t('uploads.showFiles.of', { session })}
            onClick={() => setOpen(!open)}
          >
            {t('uploads.showFiles')}
          </SmallButton>
        </Buttons>
      </div>
      {open && <FileList upload={entry.id} />}
    </article>
  );
}

function Buttons({ entry, actions, again, queue, at, children }: UploadCardProps & { children: ReactNode }): ReactNode {
  const { id, session, state } = entry;
  const button = (word: WordKey, of: WordKey, work: () => Promise<unknown>, disabled = false): ReactNode => (
    <SmallButton disabled={disabled} name={t(of, { session })} onClick={() => void work().then(again)}>
      {t(word)}
    </SmallButton>
  );
  const move = (by: -1 | 1) => (): Promise<unknown> => {
    const ids = queue.filter((other) => other !== id);
    ids.splice(at + by, 0, id);
    return actions.call('uploads.order', { ids });
  };
  const resume = (): Promise<unknown> => actions.call('uploads.resume', { id });
  const over = isOver(entry);
  return (
    <div className={styles.actions}>
      {state === 'paused' && button('uploads.resume', 'uploads.resume.of', resume)}
      {(state === 'failed' || (state === 'waiting' && entry.hold === null)) &&
        button('uploads.retry', 'uploads.retry.of', resume)}
      {!over &&
        state !== 'paused' &&
        state !== 'failed' &&
        button('uploads.pause', 'uploads.pause.of', () => actions.call('uploads.pause', { id }))}
      {queue.length > 1 && (
        <>
          {button('uploads.up', 'uploads.up.of', move(-1), at === 0)}
          {button('uploads.down', 'uploads.down.of', move(1), at === queue.length - 1)}
        </>
      )}
      {children}
      {(over || state === 'failed' || entry.hold === 'off') &&
        button('uploads.forget', 'uploads.forget.of', () => actions.call('uploads.forget', { id }))}
    </div>
  );
}

/** Bytes, files, rate and time left; for a finished upload, the time. */
function figuresOf(entry: UploadEntry): string {
  const { bytes, doneBytes, files, filesDone, bytesPerSecond, secondsLeft, state, endedMs, hold } = entry;
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const moves = state === 'running' && hold === null && bytesPerSecond > 0;
  const amount = isOver(entry)
    ? formatBytes(bytes)
    : t('uploads.amount', { done: formatBytes(doneBytes), all: formatBytes(bytes) });
  return [
    amount,
    t('uploads.files', { done: number(filesDone), all: number(files) }),
    moves ? t('uploads.rate', { rate: formatBytes(bytesPerSecond) }) : null,
    moves && secondsLeft !== null && secondsLeft > 0 ? t('uploads.left', { time: clockText(secondsLeft) }) : null,
    isOver(entry) && endedMs !== null ? day.format(endedMs) : null,
  ]
    .filter((part) => part !== null)
    .join('  ·  ');
}

function againText({ againAtMs }: UploadEntry): string {
  if (againAtMs === null) return '';
  return t('uploads.again', { time: clockText(Math.max(0, Math.ceil((againAtMs - Date.now()) / 1000))) });
}
