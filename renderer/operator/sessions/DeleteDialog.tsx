/** Confirms a deletion: a session without a copy elsewhere is deleted only after its name is typed. */
import { Button, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type SessionEntry, titleOf } from '../../../electron/common/review.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { errorLine, t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './DeleteDialog.module.css';

export function DeleteDialog(props: { entry: SessionEntry; actions: Actions; onDone: () => void }): ReactNode {
  const { entry, actions, onDone } = props;
  const [typed, setTyped] = useState('');
  const name = titleOf(entry);
  const safe = entry.uploaded || entry.exported;
  const may = safe || typed.trim() === name;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!may) return;
    const deleted = await actions.call('sessions.delete', { key: entry.key, typedName: typed });
    if (deleted) onDone();
  };
  return (
    <Dialog title={t('sessions.delete.title', { name })} closeName={t('dialog.close')} onClose={onDone}>
      <form className={styles.form} onSubmit={(event) => void submit(event)}>
        <p>{t(safe ? 'sessions.delete.safe' : 'sessions.delete.only')}</p>
        {!safe && (
          <TextInput
            label={t('sessions.delete.type', { name })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
        <p className={styles.soft}>{t('sessions.delete.trash')}</p>
        {actions.trouble && (
          <p role="alert" className={styles.trouble}>
            {errorLine(actions.trouble)}
          </p>
        )}
        <div className={styles.buttons}>
          <Button variant="default" onClick={onDone} data-autofocus={safe || undefined}>
            {t('sessions.delete.keep')}
          </Button>
          <Button type="submit" className={styles.delete} disabled={!may}>
            {t('sessions.delete.do')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
