/** Deleted sessions, which can be restored until the trash is emptied. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Trashed } from '../../../electron/common/review.ts';
import { formatBytes } from '../../../electron/common/units.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { counted, t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './TrashLine.module.css';

export function TrashLine(props: { trashed: readonly Trashed[]; actions: Actions; onChange: () => void }): ReactNode {
  const { trashed, actions, onChange } = props;
  const [asking, setAsking] = useState(false);
  if (trashed.length === 0) return null;
  const size = formatBytes(trashed.reduce((sum, { bytes }) => sum + bytes, 0));
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const restore = async (id: string): Promise<void> => {
    await actions.call('trash.restore', { id });
    onChange();
  };
  const empty = async (): Promise<void> => {
    setAsking(false);
    await actions.call('trash.empty', {});
    onChange();
  };
  const title = t('trash.title', { count: counted('sessions.count', trashed.length), size });
  return (
    <details className={styles.trash}>
      <summary>{title}</summary>
      <ul>
        {trashed.map(({ id, study, session, deletedAtMs, bytes }) => (
          <li key={id}>
            <span>
              {session}{' '}
              <span className={styles.soft}>
                {t('trash.facts', { study, size: formatBytes(bytes), time: day.format(deletedAtMs) })}
              </span>
            </span>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => void restore(id)}
              aria-label={t('trash.restore.of', { name: session })}
            >
              {t('trash.restore')}
            </Button>
          </li>
        ))}
      </ul>
      <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
        {t('trash.empty')}
      </Button>
      {asking && (
        <Dialog title={t('trash.empty.title')} closeName={t('dialog.close')} onClose={() => setAsking(false)}>
          <p className={styles.question}>{title}</p>
          <p className={styles.question}>{t('trash.empty.text')}</p>
          <div className={styles.buttons}>
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {t('sessions.delete.keep')}
            </Button>
            <Button className={styles.delete} onClick={() => void empty()}>
              {t('trash.empty')}
            </Button>
          </div>
        </Dialog>
      )}
    </details>
  );
}
