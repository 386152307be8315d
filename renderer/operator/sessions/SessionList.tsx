/** All sessions with their state and actions. */
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { type ErrorReport, FieldroomError } from '../../../electron/common/errors.ts';
import type { SessionEntry } from '../../../electron/common/review.ts';
import { TEST_STUDY } from '../../../electron/common/study.ts';
import type { UploadEntry } from '../../../electron/common/uploads.ts';
import { bridge } from '../../components/bridge.ts';
import { counted, t } from '../../components/words.ts';
import { ErrorLine } from '../frame/ErrorLine.tsx';
import { sessionUpload } from '../uploads/uploadStatus.ts';
import { useUploads } from '../uploads/useUploads.ts';
import { useActions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { ExportDialog } from './ExportDialog.tsx';
import { FreeDialog } from './FreeDialog.tsx';
import { ReportDialog } from './ReportDialog.tsx';
import { SessionCard } from './SessionCard.tsx';
import styles from './SessionList.module.css';
import { ORDER_WORDS, ORDERS, type Order, type SessionFilter, shownSessions, studiesOf } from './sessionOrder.ts';
import { TrashLine } from './TrashLine.tsx';
import { useSessions } from './useSessions.ts';

const UPLOADS_EVERY_MS = 2000;

export function SessionList(): ReactNode {
  const { sessions, trashed, trouble, again } = useSessions();
  const { uploads } = useUploads(UPLOADS_EVERY_MS);
  const store = useStore();
  const actions = useActions();
  const [filter, setFilter] = useState<SessionFilter>({ search: '', study: '', order: 'newest' });
  const { search, study, order } = filter;
  const [reading, setReading] = useState<SessionEntry | null>(null);
  const [exporting, setExporting] = useState<SessionEntry | null>(null);
  const [deleting, setDeleting] = useState<SessionEntry | null>(null);
  const [freeing, setFreeing] = useState<SessionEntry | null>(null);
  const uploadsOf = (entry: SessionEntry): UploadEntry[] =>
    (uploads?.uploads ?? []).filter((one) => one.study === entry.study && one.session === entry.id);
  const shown = shownSessions(sessions ?? [], filter);

  const openElsewhere = (): void =>
    void actions.attempt(async () => {
      const reply = await bridge().chooseSession();
      if (!reply.ok) throw FieldroomError.from(reply.error as ErrorReport);
      if (reply.value) await store.client.call('sessions.open', reply.value);
      again();
    });
  const verify = (entry: SessionEntry): void => {
    void actions.call('sessions.verify', { key: entry.key }).then(again);
    // The list shows the progress.
    window.setTimeout(again, 200);
  };

  return (
    <main className={styles.page} aria-labelledby="sessions-title">
      <header className={styles.head}>
        <h1 id="sessions-title">{t('sessions.title')}</h1>
        {sessions && (
          <span className={styles.count} role="status">
            {counted('sessions.count', shown.length)}
          </span>
        )}
        <TextInput
          className={styles.search}
          type="search"
          aria-label={t('sessions.search')}
          placeholder={t('sessions.search.hint')}
          value={search}
          onChange={(event) => setFilter({ ...filter, search: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label={t('sessions.filter.study')}
          value={study}
          data={[
            { value: '', label: t('sessions.filter.all') },
            ...studiesOf(sessions ?? []).map((value) => ({
              value,
              label: value === TEST_STUDY ? t('sessions.filter.tests') : value,
            })),
          ]}
          onChange={(event) => setFilter({ ...filter, study: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label={t('sessions.order')}
          value={order}
          data={ORDERS.map((value) => ({ value, label: t(ORDER_WORDS[value]) }))}
          onChange={(event) => setFilter({ ...filter, order: event.currentTarget.value as Order })}
        />
        <Button variant="default" onClick={openElsewhere}>
          {t('sessions.open')}
        </Button>
      </header>
      <ErrorLine trouble={actions.trouble ?? trouble} onClose={actions.forgetTrouble} />
      {sessions?.length === 0 && (
        <div className={styles.empty}>
          <p className={styles.emptyTitle}>{t('sessions.empty')}</p>
          <p>{t('sessions.empty.text')}</p>
        </div>
      )}
      {sessions && sessions.length > 0 && shown.length === 0 && (
        <div className={styles.empty}>
          <p>{search === '' ? t('sessions.nothingHere') : t('sessions.nothingFound', { search })}</p>
          <Button variant="default" onClick={() => setFilter({ ...filter, search: '', study: '' })}>
            {t('sessions.showAll')}
          </Button>
        </div>
      )}
      <ul className={styles.list}>
        {shown.map((entry) => (
          <li key={entry.key}>
            <SessionCard
              entry={entry}
              upload={sessionUpload(uploadsOf(entry))}
              onVerify={() => verify(entry)}
              onFolder={() => actions.openFolder(entry.folder)}
              onReport={() => setReading(entry)}
              onExport={() => setExporting(entry)}
              onDelete={() => setDeleting(entry)}
              onFree={() => setFreeing(entry)}
            />
          </li>
        ))}
      </ul>
      <TrashLine trashed={trashed} actions={actions} onChange={again} />
      {reading && (
        <ReportDialog
          entry={reading}
          onBrowser={() => void actions.attempt(() => bridge().openReport(reading.folder))}
          onDone={() => setReading(null)}
        />
      )}
      {exporting && <ExportDialog entry={exporting} onDone={() => setExporting(null)} />}
      {freeing && (
        <FreeDialog
          entry={freeing}
          onDone={() => {
            setFreeing(null);
            again();
          }}
        />
      )}
      {deleting && (
        <DeleteDialog
          entry={deleting}
          actions={actions}
          onDone={() => {
            setDeleting(null);
            again();
          }}
        />
      )}
    </main>
  );
}
