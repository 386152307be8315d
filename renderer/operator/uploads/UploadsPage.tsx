/** Destinations of finished sessions, uploads in progress, and finished ones. */
import { Button, NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import { formatBytes } from '../../../electron/common/units.ts';
import { errorLine, t } from '../../components/words.ts';
import { ErrorLine } from '../frame/ErrorLine.tsx';
import type { PageProps } from '../frame/pageProps.ts';
import { useActions } from '../useActions.ts';
import { DestinationList } from './DestinationList.tsx';
import type { PartProps } from './partProps.ts';
import { StudyList } from './StudyList.tsx';
import { UploadCard } from './UploadCard.tsx';
import styles from './UploadsPage.module.css';
import { isOver } from './uploadStatus.ts';
import { useUploads } from './useUploads.ts';

export function UploadsPage({ state }: PageProps): ReactNode {
  const { uploads, trouble, again } = useUploads();
  const actions = useActions();
  return (
    <main className={styles.page} aria-labelledby="uploads-title">
      <header className={styles.head}>
        <h1 id="uploads-title">{t('uploads.title')}</h1>
        {uploads && uploads.destinations.length > 0 && <Pace uploads={uploads} actions={actions} again={again} />}
      </header>
      <ErrorLine trouble={actions.trouble ?? trouble} onClose={actions.forgetTrouble} />
      {uploads && <Parts uploads={uploads} actions={actions} again={again} study={state.kit?.study ?? null} />}
    </main>
  );
}

const LIMITS = [250_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 20_000_000];

/** For all uploads: pause, resume, and the speed limit. */
function Pace({ uploads, actions, again }: PartProps): ReactNode {
  const { paused, bytesPerSecond } = uploads;
  const limits = [...new Set([...LIMITS, ...(bytesPerSecond === null ? [] : [bytesPerSecond])])].sort((a, b) => a - b);
  const choose = (value: string): void =>
    void actions.call('uploads.limit', { bytesPerSecond: value === '' ? null : Number(value) }).then(again);
  return (
    <div className={styles.pace}>
      <NativeSelect
        size="xs"
        label={t('uploads.limit')}
        value={bytesPerSecond === null ? '' : String(bytesPerSecond)}
        data={[
          { value: '', label: t('uploads.limit.none') },
          ...limits.map((value) => ({
            value: String(value),
            label: t('uploads.limit.rate', { rate: formatBytes(value) }),
          })),
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      <Button
        variant={paused ? 'filled' : 'default'}
        onClick={() => void actions.call('uploads.pauseAll', { paused: !paused }).then(again)}
      >
        {t(paused ? 'uploads.goOn' : 'uploads.pauseAll')}
      </Button>
    </div>
  );
}

function Parts({ study, ...props }: PartProps & { study: string | null }): ReactNode {
  const { uploads, actions, again } = props;
  const open = uploads.uploads.filter((entry) => !isOver(entry));
  const over = uploads.uploads.filter(isOver);
  const named = uploads.destinations.length > 0;
  return (
    <>
      <div role="status">
        {uploads.recording && named && <p className={styles.note}>{t('uploads.recording')}</p>}
        {uploads.paused && <p className={styles.note}>{t('uploads.allPaused')}</p>}
      </div>
      {!named && uploads.uploads.length === 0 && (
        <div className={styles.empty}>
          <p className={styles.emptyTitle}>{t('uploads.empty')}</p>
          <p>{t('uploads.empty.text')}</p>
        </div>
      )}
      {uploads.troubles.map(({ study: of, session, error }) => (
        <p key={`${of}/${session}`} className={styles.trouble} role="alert">
          <strong>{t('uploads.trouble.session', { session, study: of })}</strong> {errorLine(error)}
        </p>
      ))}
      {(named || open.length > 0) && (
        <section aria-labelledby="queue-title">
          <h2 id="queue-title">{t('uploads.queue')}</h2>
          {open.length === 0 && <p className={styles.hint}>{t('uploads.queue.empty')}</p>}
          <ul className={styles.list}>
            {open.map((entry, at) => (
              <li key={entry.id}>
                <UploadCard entry={entry} actions={actions} again={again} queue={open.map(({ id }) => id)} at={at} />
              </li>
            ))}
          </ul>
          <p className={styles.hint}>{t('uploads.about')}</p>
        </section>
      )}
      <DestinationList {...props} />
      {named && <StudyList {...props} study={study} />}
      {over.length > 0 && (
        <section aria-labelledby="history-title">
          <h2 id="history-title">{t('uploads.history')}</h2>
          <ul className={styles.list}>
            {over.map((entry) => (
              <li key={entry.id}>
                <UploadCard entry={entry} actions={actions} again={again} queue={[]} at={0} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {named && <p className={styles.hint}>{t('uploads.metered')}</p>}
    </>
  );
}
