/** All sources at a glance, and the record button. */
import { type ReactNode, useState } from 'react';
import { t } from '../../components/words.ts';
import type { PageProps } from '../frame/pageProps.ts';
import { go } from '../frame/route.ts';
import { SessionPanel } from '../session/SessionPanel.tsx';
import { useDetails } from '../session/useDetails.ts';
import { Welcome } from '../welcome/Welcome.tsx';
import styles from './LivePage.module.css';
import { LivePanel } from './LivePanel.tsx';
import { MarkerPanel } from './MarkerPanel.tsx';
import { NoticeList } from './NoticeList.tsx';
import { RecordPanel } from './RecordPanel.tsx';
import { SourceRegistry } from './SourceGrid.tsx';

export function LivePage({ state, actions, heard, study, rest }: PageProps): ReactNode {
  const asked = rest[0] === 'stop';
  const [pressed, setPressed] = useState(false);
  const stopping = pressed || asked;
  const { details, save, begin } = useDetails(state.session, actions);
  const setStopping = (wanted: boolean): void => {
    setPressed(wanted);
    if (!wanted && asked) go('live');
  };
  if (!state.kit && state.sources.length === 0)
    return (
      <main className={styles.welcome}>
        <Welcome state={state} actions={actions} />
      </main>
    );
  return (
    <div className={styles.columns}>
      <main className={styles.board} aria-label={t('sources.title')}>
        <h1 className={styles.unseen}>{t('page.live')}</h1>
        <SourceRegistry state={state} actions={actions} />
      </main>
      <aside className={styles.side}>
        <RecordPanel {...{ heard, state, actions, stopping, setStopping }} name={details.name} onStarted={begin} />
        <NoticeList notices={state.notices} afterCrash={state.afterCrash} actions={actions} />
        {state.session && <MarkerPanel state={state} study={study} actions={actions} enabled={!stopping} />}
        <SessionPanel state={state} study={study} details={details} onSave={save} />
        <LivePanel live={state.live} />
      </aside>
    </div>
  );
}
