/** Confirms freeing space: every file is verified at the destination before the session is removed from this disk. */

import { Button, Loader } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { CallOutput } from '../../../electron/common/door.ts';
import { type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { formatBytes } from '../../../electron/common/units.ts';
import type { AcceptedRisk } from '../../../electron/common/uploads.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { ErrorText } from '../../components/ErrorText.tsx';
import { t } from '../../components/words.ts';
import { useActions } from '../useActions.ts';
import styles from './DeleteDialog.module.css';

/** The effect of pressing the button again, after this error. */
const acceptedBy = (code: string | undefined): AcceptedRisk[] =>
  code === 'upload.same-disk' ? ['same-disk'] : code === 'upload.cached' ? ['same-disk', 'cache'] : [];

export function FreeDialog({ entry, onDone }: { entry: SessionEntry; onDone: () => void }): ReactNode {
  // Separate error state: an error here is shown only in this dialog.
  const actions = useActions();
  const [freed, setFreed] = useState<CallOutput<'uploads.free'> | null>(null);
  const accept = acceptedBy(actions.trouble?.code);
  const name = titleOf(entry);
  return (
    <Dialog title={t('free.title', { name })} closeName={t('dialog.close')} onClose={onDone}>
      <div className={styles.form}>
        {freed ? (
          <p role="status">{t('free.done', { place: freed.place, size: formatBytes(entry.bytes) })}</p>
        ) : (
          <>
            <p>{t('free.text')}</p>
            <p className={styles.soft}>{t('free.grace')}</p>
          </>
        )}
        <div role="status">
          {actions.busy && (
            <p className={styles.asking}>
              <Loader size="xs" aria-hidden="true" />
              {t('free.asking')}
            </p>
          )}
        </div>
        {actions.trouble && (
          <p role="alert" className={styles.trouble}>
            <ErrorText error={actions.trouble} />
          </p>
        )}
        <div className={styles.buttons}>
          <Button variant="default" onClick={onDone} data-autofocus>
            {t(freed ? 'free.close' : 'free.keep')}
          </Button>
          {!freed && (
            <Button
              disabled={actions.busy}
              onClick={() => void actions.call('uploads.free', { key: entry.key, accept }).then(setFreed)}
            >
              {t(accept.length > 0 ? 'free.anyway' : 'free.do')}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
