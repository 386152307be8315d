/** One session: its description, its state, and its actions. */

import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { formatBytes, toSeconds } from '../../../electron/common/units.ts';
import { ErrorText } from '../../components/ErrorText.tsx';
import { clockText } from '../../components/format.ts';
import { ProgressBar } from '../../components/ProgressBar.tsx';
import { SmallButton } from '../../components/SmallButton.tsx';
import { counted, number, t } from '../../components/words.ts';
import { addressOf, go } from '../frame/route.ts';
import type { UploadWord } from '../uploads/uploadStatus.ts';
import styles from './SessionCard.module.css';
import { sessionStatus } from './sessionStatus.ts';

export interface SessionCardProps {
  entry: SessionEntry;
  /** Its upload status; null: nothing to show. */
  upload: UploadWord | null;
  onVerify: () => void;
  onFolder: () => void;
  onReport: () => void;
  onExport: () => void;
  onDelete: () => void;
  onFree: () => void;
}

export function SessionCard(props: SessionCardProps): ReactNode {
  const { entry, upload, onVerify, onFolder, onReport, onExport, onDelete, onFree } = props;
  const { mood, word } = sessionStatus(entry);
  const title = titleOf(entry);
  const working = entry.verifying !== null || ['recording', 'paused', 'sealing'].includes(entry.state);
  const readable = entry.state !== 'unreadable' && entry.durationNs !== null;
  return (
    <article className={styles.card} aria-label={title} data-state={entry.state} data-session={entry.id}>
      <div className={styles.main}>
        <h2>
          {title}
          {entry.simulated && <span className={styles.tag}>{t('sessions.simulated')}</span>}
          {entry.elsewhere && <span className={styles.tag}>{t('sessions.elsewhere')}</span>}
          {entry.interruptions > 0 && (
            <span className={styles.tag}>{counted('sessions.interrupted', entry.interruptions)}</span>
          )}
        </h2>
        <p className={styles.facts}>{factsOf(entry)}</p>
        <p className={styles.people}>{contentsOf(entry)}</p>
        {entry.trouble && (
          <p className={styles.trouble}>
            <ErrorText error={entry.trouble} />
          </p>
        )}
      </div>
      <div className={styles.side}>
        <p className={styles.state} data-mood={mood}>
          {t(word)}
        </p>
        {upload && (
          <a
            className={styles.upload}
            data-mood={upload.mood}
            href={addressOf('uploads')}
            aria-label={t('sessions.upload.of', { text: upload.text, name: title })}
          >
            {upload.text}
          </a>
        )}
        {entry.verifying !== null && (
          <div className={styles.bar}>
            <ProgressBar percent={entry.verifying * 100} label={t('sessions.verifying.of', { name: title })} />
          </div>
        )}
        <div className={styles.actions}>
          <Button
            size="compact-sm"
            disabled={!readable}
            onClick={() => go('sessions', entry.key)}
            aria-label={t('sessions.review.of', { name: title })}
          >
            {t('sessions.review')}
          </Button>
          {entry.report && (
            <SmallButton onClick={onReport} name={t('sessions.report.of', { name: title })}>
              {t('sessions.report')}
            </SmallButton>
          )}
          <SmallButton
            disabled={working || !readable}
            onClick={onExport}
            name={t('sessions.export.of', { name: title })}
          >
            {t('sessions.export')}
          </SmallButton>
          <SmallButton onClick={onFolder} name={t('sessions.folder.of', { name: title })}>
            {t('sessions.folder')}
          </SmallButton>
          <SmallButton disabled={working} onClick={onVerify} name={t('sessions.verify.of', { name: title })}>
            {t('sessions.verify')}
          </SmallButton>
          {entry.uploaded && !entry.elsewhere && (
            <SmallButton disabled={working} onClick={onFree} name={t('sessions.free.of', { name: title })}>
              {t('sessions.free')}
            </SmallButton>
          )}
          {!entry.elsewhere && (
            <Button
              size="compact-sm"
              variant="subtle"
              className={styles.delete}
              disabled={working}
              onClick={onDelete}
              aria-label={t('sessions.delete.of', { name: title })}
            >
              {t('sessions.delete')}
            </Button>
          )}
        </div>
      </div>
    </article>
  );
}

/** Date, duration, size, study, and notes. */
function factsOf({ startedAtMs, durationNs, bytes, study, fields }: SessionEntry): string {
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  return [
    startedAtMs === null ? t('sessions.noDate') : day.format(startedAtMs),
    durationNs === null ? null : clockText(toSeconds(BigInt(durationNs))),
    bytes > 0 ? formatBytes(bytes) : null,
    t('sessions.study', { study }),
    ...Object.entries(fields).map(([name, value]) => (value === '' ? null : `${name}: ${value}`)),
  ]
    .filter((part) => part !== null)
    .join('  ·  ');
}

/** Participants and contents; missing data is always mentioned. */
function contentsOf({ participants, streams, missing, markers }: SessionEntry): string {
  const people =
    participants.length > 6
      ? t('sessions.people.more', { some: participants.slice(0, 5).join(', '), more: number(participants.length - 5) })
      : participants.join(', ');
  return [
    people || null,
    streams.video > 0 ? counted('sessions.cameras', streams.video) : null,
    streams.audio > 0 ? counted('sessions.mics', streams.audio) : null,
    streams.samples > 0 ? counted('sessions.sensors', streams.samples) : null,
    markers > 0 ? counted('sessions.markers', markers) : null,
    missing > 0 ? counted('sessions.lost', missing) : null,
  ]
    .filter((part) => part !== null)
    .join('  ·  ');
}
