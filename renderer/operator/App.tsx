/** The frame of the window: the rail, what is alarming, and the page. */
import { Loader } from '@mantine/core';
import type { ReactNode } from 'react';
import { t } from '../components/words.ts';
import styles from './App.module.css';
import { AlarmBanner } from './frame/AlarmBanner.tsx';
import { Header } from './frame/Header.tsx';
import { pages } from './frame/pages.ts';
import { Rail } from './frame/Rail.tsx';
import { useRoute } from './frame/route.ts';
import { TroubleLine } from './frame/TroubleLine.tsx';
import { useActions } from './useActions.ts';
import { useTopic } from './useStore.ts';

export function App(): ReactNode {
  const state = useTopic('state', (store) => store.state);
  const connection = useTopic('connection', (store) => store.connection);
  const problems = useTopic('problems', (store) => store.problems);
  const actions = useActions();
  const route = useRoute();
  const shown = pages.find(({ id }) => id === route.page) ?? pages[0];

  if (!state) {
    return (
      <main className={styles.middle}>
        {problems.length > 0 ? (
          <AlarmBanner state={null} connection={connection} problems={problems} />
        ) : (
          <Loader aria-hidden="true" />
        )}
        <p role="status">{t('app.starting')}</p>
      </main>
    );
  }
  return (
    <div className={styles.window}>
      <Rail shown={shown} state={state} />
      <div className={styles.content}>
        <Header state={state} onOpenKit={actions.openKit} />
        <AlarmBanner state={state} connection={connection} problems={problems} />
        <TroubleLine trouble={actions.trouble} onClose={actions.forgetTrouble} />
        <div className={styles.page} data-stale={connection.state === 'lost' || undefined}>
          <shown.Page state={state} actions={actions} heard={connection.state === 'open'} rest={route.rest} />
        </div>
      </div>
    </div>
  );
}
