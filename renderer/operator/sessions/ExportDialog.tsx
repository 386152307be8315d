/** Exports a session to a format for another program, and shows the progress and what was left out. */
import { Button, NativeSelect } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { EXPORT_FORMATS, type ExportJob } from '../../../electron/common/exports.ts';
import { type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { formatBytes } from '../../../electron/common/units.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorText } from '../../components/ErrorText.tsx';
import { ProgressBar } from '../../components/ProgressBar.tsx';
import { t } from '../../components/words.ts';
import { useActions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import styles from './DeleteDialog.module.css';
import { formatName } from './exportFormats.ts';

const LOOK_EVERY_MS = 500;
const USES = ['analysis', 'sharing', 'publication'] as const;

export function ExportDialog({ entry, onDone }: { entry: SessionEntry; onDone: () => void }): ReactNode {
  // Separate error state: an error here is shown only in this dialog.
  const actions = useActions();
  const [format, setFormat] = useState<(typeof EXPORT_FORMATS)[number]>(EXPORT_FORMATS[0]);
  const [use, setUse] = useState<(typeof USES)[number]>('analysis');
  const [started, setStarted] = useState<ExportJob | null>(null);
  const job = useJob(started);
  const running = job !== null && ['queued', 'running', 'held'].includes(job.state);
  const begin = async (): Promise<void> =>
    setStarted(await actions.call('exports.start', { key: entry.key, format, options: { use } }));
  return (
    <Dialog title={t('export.title', { name: titleOf(entry) })} closeName={t('dialog.close')} onClose={onDone}>
      <div className={styles.form}>
        <NativeSelect
          label={t('export.format')}
          value={format}
          disabled={running}
          data={EXPORT_FORMATS.map((value) => ({ value, label: formatName(value) }))}
          onChange={(event) => setFormat(event.currentTarget.value as typeof format)}
          data-autofocus
        />
        <NativeSelect
          label={t('export.use')}
          value={use}
          disabled={running}
          data={USES.map((value) => ({ value, label: t(`export.use.${value}`) }))}
          onChange={(event) => setUse(event.currentTarget.value as typeof use)}
        />
        <p className={styles.soft}>{t('export.where')}</p>
        {job && <Progress job={job} name={titleOf(entry)} />}
        {actions.trouble && (
          <p role="alert" className={styles.trouble}>
            <ErrorText error={actions.trouble} />
          </p>
        )}
        <div className={styles.buttons}>
          {running && (
            <Button variant="default" onClick={() => void actions.call('exports.cancel', { id: job.id })}>
              {t('export.cancel')}
            </Button>
          )}
          {job?.state === 'done' && (
            <Button variant="default" onClick={() => actions.openFolder(job.folder)}>
              {t('saved.open')}
            </Button>
          )}
          <Button variant="default" onClick={onDone}>
            {t(running ? 'export.background' : 'free.close')}
          </Button>
          {!running && (
            <Button disabled={actions.busy} onClick={() => void begin()}>
              {t('export.do')}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Progress({ job, name }: { job: ExportJob; name: string }): ReactNode {
  return (
    <div role="status" data-state={job.state}>
      <p>{t(`export.state.${job.state}`, { percent: Math.round(job.fraction * 100), size: formatBytes(job.bytes) })}</p>
      {['running', 'queued', 'held'].includes(job.state) && (
        <ProgressBar percent={job.fraction * 100} label={t('export.progress', { name })} />
      )}
      {job.state === 'done' && <p className={styles.soft}>{job.folder}</p>}
      {job.error && (
        <p className={styles.trouble}>
          <ErrorText error={job.error} />
        </p>
      )}
      {job.notes.length > 0 && (
        <ul>
          {job.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** The current state of the job. */
function useJob(started: ExportJob | null): ExportJob | null {
  const store = useStore();
  const [job, setJob] = useState(started);
  useEffect(() => {
    setJob(started);
    if (!started) return;
    const look = async (): Promise<void> => {
      const list = await store.client.call('exports.list', {}).catch(() => null);
      const now = list?.jobs.find(({ id }) => id === started.id);
      if (now) setJob(now);
    };
    const timer = window.setInterval(() => void look(), LOOK_EVERY_MS);
    return () => window.clearInterval(timer);
  }, [store, started]);
  return job;
}
