/** Settings of this computer that are not part of a kit. */
import { Switch } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { bridge } from '../../components/bridge.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import styles from './ThisComputer.module.css';

export function ThisComputer({ actions: { attempt } }: { actions: Actions }): ReactNode {
  /** Null: still being read from the system. */
  const [autoStart, setAutoStart] = useState<boolean | null>(null);
  useEffect(() => {
    void attempt(() => bridge().autoStart()).then((answer) => setAutoStart(answer?.on ?? null));
  }, [attempt]);
  const change = (on: boolean): void =>
    void attempt(() => bridge().autoStart(on)).then((answer) => answer && setAutoStart(answer.on));
  return (
    <section aria-label={t('computer.title')}>
      <Switch
        label={t('computer.autoStart')}
        checked={autoStart === true}
        disabled={autoStart === null}
        onChange={(event) => change(event.currentTarget.checked)}
      />
      <p className={styles.about}>{t('computer.autoStart.about')}</p>
    </section>
  );
}
