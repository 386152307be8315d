/** The one button, how long it runs, and where it is saved. */
import { Button, Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { ApplianceState, SessionState } from '../../electron/common/door.ts';
import { formatBytes } from '../../electron/common/units.ts';
import { clockText } from '../components/format.ts';
import { t } from '../components/words.ts';
import styles from './RecordPanel.module.css';
import type { Actions } from './useActions.ts';
import { useElapsed } from './useElapsed.ts';

interface RecordPanelProps {
  state: ApplianceState;
  actions: Actions;
  stopping: boolean;
  setStopping: (stopping: boolean) => void;
}

export function RecordPanel({ state, actions, stopping, setStopping }: RecordPanelProps): ReactNode {
  const session = state.session;
  const active = session !== null && (session.state === 'recording' || session.state === 'paused');
  const elapsed = useElapsed(session);
  const last = useLastSession(session);
  return (
    <section className={styles.panel} aria-label={t('record.title')}>
      <button
        type="button"
        className={styles.button}
        data-active={active || undefined}
        disabled={actions.busy || (!active && (state.sources.length === 0 || session !== null))}
        onClick={() => (active ? setStopping(true) : void actions.call('session.start', {}))}
      >
        <span className={styles.sign} aria-hidden="true" />
        {t(active ? 'record.stop' : 'record.start')}
      </button>
      <div className={styles.row} data-active={active || undefined}>
        <span className={styles.clock} role="timer">
          {clockText(elapsed)}
        </span>
        <span className={styles.word}>{active ? t(session.state === 'paused' ? 'record.paused' : 'record.running') : t('record.idle')}</span>
        {active && (
          <Button variant="default" disabled={actions.busy} onClick={() => void actions.call(session.state === 'paused' ? 'session.resume' : 'session.pause', {})}>
            {t(session.state === 'paused' ? 'record.resume' : 'record.pause')}
          </Button>
        )}
      </div>
      {(session ?? last) && <Saved session={(session ?? last) as SessionState} running={active} sealing={state.sealing} actions={actions} />}
      <Modal opened={stopping && active} onClose={() => setStopping(false)} title={t('stop.title')} centered closeButtonProps={{ 'aria-label': t('stop.keep') }}>
        <p className={styles.question}>{t('stop.text', { time: clockText(elapsed) })}</p>
        <div className={styles.answers}>
          <Button variant="default" size="md" onClick={() => setStopping(false)} data-autofocus>
            {t('stop.keep')}
          </Button>
          <Button
            size="md"
            className={styles.stop}
            onClick={() => {
              setStopping(false);
              void actions.call('session.stop', {});
            }}
          >
            {t('stop.stop')}
          </Button>
        </div>
      </Modal>
    </section>
  );
}

function Saved({ session, running, sealing, actions }: { session: SessionState; running: boolean; sealing: ApplianceState['sealing']; actions: Actions }): ReactNode {
  const seal = sealing.find(({ id }) => id === session.id);
  const word = running ? t('saved.running', { size: formatBytes(session.bytes) }) : seal ? t('saved.sealing', { percent: Math.round(seal.fraction * 100) }) : t('saved.done');
  return (
    <div className={styles.saved}>
      <p role="status">{word}</p>
      <p className={styles.folder}>{session.folder}</p>
      <Button variant="default" size="compact-sm" onClick={() => actions.openFolder(session.folder)}>
        {t('saved.open')}
      </Button>
    </div>
  );
}

/** The session that ran last while this window was open. */
function useLastSession(session: SessionState | null): SessionState | null {
  const [last, setLast] = useState<SessionState | null>(null);
  useEffect(() => {
    if (session) setLast(session);
  }, [session]);
  return last;
}
