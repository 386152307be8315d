/** Which of the window's faces is shown: starting, empty, or the live view. */
import { Button, Loader } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { t } from '../components/words.ts';
import { AlarmBanner } from './AlarmBanner.tsx';
import styles from './App.module.css';
import { Header } from './Header.tsx';
import { LivePanel } from './LivePanel.tsx';
import { MarkerPanel } from './MarkerPanel.tsx';
import { NoticeList } from './NoticeList.tsx';
import { RecordPanel } from './RecordPanel.tsx';
import { SourceBoard } from './SourceBoard.tsx';
import { TroubleLine } from './TroubleLine.tsx';
import { useActions } from './useActions.ts';
import { useTopic } from './useStore.ts';

export function App(): ReactNode {
  const state = useTopic('state', (store) => store.state);
  const connection = useTopic('connection', (store) => store.connection);
  const problems = useTopic('problems', (store) => store.problems);
  const actions = useActions();
  const [stopping, setStopping] = useState(false);

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
    <div className={styles.page}>
      <Header state={state} onOpenKit={actions.openKit} />
      <AlarmBanner state={state} connection={connection} problems={problems} />
      <TroubleLine trouble={actions.trouble} onClose={actions.forgetTrouble} />
      <div className={styles.columns}>
        <main className={connection.state === 'lost' ? styles.stale : styles.board} aria-label={t('sources.title')}>
          {state.kit || state.sources.length > 0 ? (
            <SourceBoard state={state} actions={actions} />
          ) : (
            <NoKit onOpenKit={actions.openKit} />
          )}
        </main>
        <aside className={styles.side}>
          <RecordPanel
            heard={connection.state === 'open'}
            state={state}
            actions={actions}
            stopping={stopping}
            setStopping={setStopping}
          />
          {state.session && <MarkerPanel state={state} actions={actions} enabled={!stopping} />}
          <NoticeList notices={state.notices} />
          <LivePanel live={state.live} />
        </aside>
      </div>
    </div>
  );
}

function NoKit({ onOpenKit }: { onOpenKit: () => void }): ReactNode {
  return (
    <div className={styles.empty}>
      <h1>{t('empty.title')}</h1>
      <p>{t('empty.text')}</p>
      <Button size="lg" onClick={onOpenKit} data-autofocus>
        {t('kit.open')}
      </Button>
    </div>
  );
}
