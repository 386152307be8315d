/** The record button, the elapsed time, and where the session is saved. */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ApplianceState } from '../../../electron/common/applianceState.ts';
import { Dialog } from '../../components/Dialog.tsx';
import { clockText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { useElapsed } from '../useElapsed.ts';
import styles from './RecordPanel.module.css';
import { SavedWhere } from './SavedWhere.tsx';
import { StopAfter } from './StopAfter.tsx';

interface RecordPanelProps {
  state: ApplianceState;
  /** The recorder is connected and can take requests. */
  heard: boolean;
  actions: Actions;
  stopping: boolean;
  setStopping: (stopping: boolean) => void;
  /** Details of the session about to be recorded. */
  name: string;
  /** @param key of the session that has begun */
  onStarted: (key: string) => void;
}

export function RecordPanel(props: RecordPanelProps): ReactNode {
  const { state, heard, actions, stopping, setStopping, name, onStarted } = props;
  const [minutes, setMinutes] = useState<number | null>(null);
  const session = state.session;
  const active = session !== null && (session.state === 'recording' || session.state === 'paused');
  const elapsed = useElapsed(session);
  const start = async (): Promise<void> => {
    const stopAfterS = minutes === null ? {} : { stopAfterS: minutes * 60 };
    const begun = await actions.call('session.start', { name: name.trim(), ...stopAfterS });
    if (begun) onStarted(begun.key);
  };
  const stopAfter = (next: number | null): void => {
    setMinutes(next);
    if (active) void actions.call('session.stopAfter', { seconds: next === null ? null : next * 60 });
  };
  return (
    <section className={styles.panel} aria-label={t('record.title')}>
      <button
        type="button"
        className={styles.button}
        data-active={active || undefined}
        data-paused={session?.state === 'paused' || undefined}
        disabled={!heard || actions.busy || (!active && (state.sources.length === 0 || session !== null))}
        onClick={() => (active ? setStopping(true) : void start())}
      >
        <span className={styles.sign} aria-hidden="true" />
        {t(active ? 'record.stop' : 'record.start')}
      </button>
      <div
        className={styles.row}
        data-active={active || undefined}
        data-paused={session?.state === 'paused' || undefined}
      >
        <span className={styles.clock} role="timer">
          {clockText(elapsed)}
        </span>
        <span className={styles.word}>
          {active ? t(session.state === 'paused' ? 'record.paused' : 'record.running') : t('record.idle')}
        </span>
        {active && (
          <Button
            variant="default"
            disabled={actions.busy}
            onClick={() => void actions.call(session.state === 'paused' ? 'session.resume' : 'session.pause', {})}
          >
            {t(session.state === 'paused' ? 'record.resume' : 'record.pause')}
          </Button>
        )}
      </div>
      <StopAfter minutes={minutes} leftMs={session?.stopsInMs ?? null} onChange={stopAfter} />
      <SavedWhere session={session} sealing={state.sealing} actions={actions} />
      {stopping && active && (
        <Dialog onClose={() => setStopping(false)} title={t('stop.title')} closeName={t('stop.keep')}>
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
        </Dialog>
      )}
    </section>
  );
}
