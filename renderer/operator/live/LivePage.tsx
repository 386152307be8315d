/** All sources at a glance, and the one button. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { t } from '../../components/words.ts';
import type { PageProps } from '../frame/pages.ts';
import styles from './LivePage.module.css';
import { LivePanel } from './LivePanel.tsx';
import { MarkerPanel } from './MarkerPanel.tsx';
import { NoticeList } from './NoticeList.tsx';
import { RecordPanel } from './RecordPanel.tsx';
import { SourceBoard } from './SourceBoard.tsx';

export function LivePage({ state, actions, heard }: PageProps): ReactNode {
  const [stopping, setStopping] = useState(false);
  return (
    <div className={styles.columns}>
      <main className={styles.board} aria-label={t('sources.title')}>
        {state.kit || state.sources.length > 0 ? (
          <SourceBoard state={state} actions={actions} />
        ) : (
          <NoKit onOpenKit={actions.openKit} />
        )}
      </main>
      <aside className={styles.side}>
        <RecordPanel heard={heard} state={state} actions={actions} stopping={stopping} setStopping={setStopping} />
        {state.session && <MarkerPanel state={state} actions={actions} enabled={!stopping} />}
        <NoticeList notices={state.notices} />
        <LivePanel live={state.live} />
      </aside>
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
