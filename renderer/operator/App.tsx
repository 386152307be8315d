/** The frame of the window: the rail, alarms, and the page. */
import { Loader } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import type { ApplianceState } from '../../electron/common/applianceState.ts';
import type { ErrorReport } from '../../electron/common/errors.ts';
import { localDay } from '../../electron/common/study.ts';
import { bridge } from '../components/bridge.ts';
import { t } from '../components/words.ts';
import styles from './App.module.css';
import type { Connection } from './doorStore.ts';
import { AlarmBanner } from './frame/AlarmBanner.tsx';
import { ErrorLine } from './frame/ErrorLine.tsx';
import { Header } from './frame/Header.tsx';
import { pages } from './frame/pages.ts';
import { Rail } from './frame/Rail.tsx';
import { go, useRoute } from './frame/route.ts';
import { usePower, withPower } from './power.ts';
import { RosterContext, rosterOf } from './study/roster.ts';
import { useStudy } from './study/useStudy.ts';
import { type Actions, useActions } from './useActions.ts';
import { useTopic } from './useStore.ts';

export function App(): ReactNode {
  const state = useTopic('state', (store) => store.state);
  const connection = useTopic('connection', (store) => store.connection);
  const problems = useTopic('problems', (store) => store.problems);
  const actions = useActions();
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
  return <Frame state={state} connection={connection} problems={problems} actions={actions} />;
}

interface FrameProps {
  state: ApplianceState;
  connection: Connection;
  problems: readonly ErrorReport[];
  actions: Actions;
}

function Frame({ state: told, connection, problems, actions }: FrameProps): ReactNode {
  const state = withPower(told, usePower());
  const route = useRoute();
  const shown = pages.find(({ id }) => id === route.page) ?? pages[0];
  const { study, save } = useStudy(state, actions);
  useEffect(() => bridge().onStopAsked(() => go('live', 'stop')), []);
  return (
    <div className={styles.window}>
      <Rail shown={shown} state={state} />
      <div className={styles.content}>
        <Header state={state} />
        <AlarmBanner state={state} connection={connection} problems={problems} />
        <ErrorLine trouble={actions.trouble} onClose={actions.forgetTrouble} />
        <div className={styles.page} data-stale={connection.state === 'lost' || undefined}>
          <RosterContext value={rosterOf(study, state.sources, localDay(new Date()))}>
            <shown.Page
              state={state}
              actions={actions}
              heard={connection.state === 'open'}
              study={study}
              saveStudy={save}
              rest={route.rest}
            />
          </RosterContext>
        </div>
      </div>
    </div>
  );
}
