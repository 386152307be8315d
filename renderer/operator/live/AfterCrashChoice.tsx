/** After a crash, a session continues; the user can end it instead, and undo that for a few seconds. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import type { AfterCrash } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './NoticeList.module.css';

interface AfterCrashProps {
  afterCrash: AfterCrash;
  actions: Actions;
}

export function AfterCrashChoice({ afterCrash: { mayEndThere, endsInMs }, actions }: AfterCrashProps): ReactNode {
  const row = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  const say = (choice: 'end-there' | 'undo' | 'go-on'): void => {
    pressed.current = true;
    void actions.call('session.afterCrash', { choice });
  };
  const ending = endsInMs !== null;
  // The pressed button is replaced by others, so the focus moves to them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change that matters
  useEffect(() => {
    if (pressed.current) row.current?.querySelector('button')?.focus();
    pressed.current = false;
  }, [ending]);
  return (
    <>
      {ending && <p className={styles.ending}>{t('afterCrash.ending', { seconds: Math.ceil(endsInMs / 1000) })}</p>}
      <div className={styles.answers} ref={row}>
        {ending ? (
          <Button size="compact-sm" variant="default" onClick={() => say('undo')}>
            {t('afterCrash.undo')}
          </Button>
        ) : (
          <>
            <Button size="compact-sm" variant="default" onClick={() => say('go-on')}>
              {t('afterCrash.goOn')}
            </Button>
            {mayEndThere && (
              <Button
                size="compact-sm"
                variant="default"
                title={t('afterCrash.endHint')}
                onClick={() => say('end-there')}
              >
                {t('afterCrash.end')}
              </Button>
            )}
          </>
        )}
      </div>
    </>
  );
}
