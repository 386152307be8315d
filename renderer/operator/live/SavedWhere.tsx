/** Where a session is saved, and how it ended. It is shown as finished only once the recorder has sealed it. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { ApplianceState, SessionState } from '../../../electron/common/applianceState.ts';
import { reportOf } from '../../../electron/common/errors.ts';
import type { SessionSummary } from '../../../electron/common/sessionSummary.ts';
import { formatBytes, toSeconds } from '../../../electron/common/units.ts';
import { clockText } from '../../components/format.ts';
import { errorText, t } from '../../components/words.ts';
import { go } from '../frame/route.ts';
import { gapReason } from '../gapReason.ts';
import { lossesOf } from '../losses.ts';
import type { Details } from '../session/DetailsFields.tsx';
import { TextField } from '../setup/Field.tsx';
import type { Actions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import styles from './SavedWhere.module.css';

type Ending = { id: string; summary: SessionSummary } | { id: string; trouble: string | null };

const RETRY_MS = 1000;
/** How many times to ask again for an unknown session, which the recorder may not have picked up yet. */
const UNKNOWN_TIMES = 10;

export function SavedWhere({
  session,
  sealing,
  actions,
}: {
  session: SessionState | null;
  sealing: ApplianceState['sealing'];
  actions: Actions;
}): ReactNode {
  const last = useLastSession(session);
  const shown = session ?? last;
  const running = session?.state === 'recording' || session?.state === 'paused';
  // Asked only once it is no longer the current session: while it drains, it is not certain that it will be sealed.
  const ending = useEnding(session ? null : (last?.id ?? null));
  if (!shown) return null;
  return (
    <div className={styles.saved}>
      <p role="status">
        {running
          ? t('saved.running', { size: formatBytes(shown.bytes) })
          : endingText(ending, sealing.find(({ id }) => id === shown.id)?.fraction ?? 0)}
      </p>
      {!running && ending && <Rename session={shown} actions={actions} />}
      <p className={styles.folder}>{shown.folder}</p>
      <div className={styles.buttons}>
        {ending && (
          <Button size="compact-sm" onClick={() => go('sessions', shown.key)}>
            {t('saved.review')}
          </Button>
        )}
        <Button variant="default" size="compact-sm" onClick={() => actions.openFolder(shown.folder)}>
          {t('saved.open')}
        </Button>
      </div>
    </div>
  );
}

/** A lesson is named after it ends: there is no time before it. */
function Rename({ session, actions }: { session: SessionState; actions: Actions }): ReactNode {
  const [details, setDetails] = useState<Details | null>(null);
  const { call } = actions;
  const { key } = session;
  useEffect(() => {
    void call('sessions.list', {}).then((list) => {
      const entry = list?.sessions.find((one) => one.key === key);
      if (entry) setDetails({ name: entry.name, notes: entry.notes, fields: entry.fields });
    });
  }, [key, call]);
  if (!details) return null;
  const save = (name: string): void => {
    const next = { ...details, name };
    setDetails(next);
    void call('sessions.describe', { key, ...next, fields: { ...next.fields } });
  };
  return (
    <div className={styles.name}>
      <TextField label={t('saved.name')} value={details.name} placeholder={t('details.name.example')} onSave={save} />
    </div>
  );
}

function endingText(ending: Ending | null, fraction: number): ReactNode {
  if (!ending) return t('saved.sealing', { percent: Math.round(fraction * 100) });
  if ('trouble' in ending) {
    if (ending.trouble === null) return t('saved.in');
    return <span data-bad>{t('saved.trouble', { message: ending.trouble })}</span>;
  }
  const { durationNs, bytes } = ending.summary;
  const facts = { duration: clockText(toSeconds(BigInt(durationNs ?? '0'))), size: formatBytes(bytes) };
  const losses = lossesOf(ending.summary);
  if (losses.length === 0) return t('saved.done', facts);
  return (
    <>
      <span data-bad>{t('saved.losses', facts)}</span>
      {losses.map(({ name, text, cause }) => (
        <span key={name} data-loss>
          {t('saved.loss', { name, text, reason: gapReason(cause) })}
        </span>
      ))}
    </>
  );
}

/** The last session that ran while this window was open. */
function useLastSession(session: SessionState | null): SessionState | null {
  const [last, setLast] = useState<SessionState | null>(null);
  useEffect(() => {
    if (session) setLast(session);
  }, [session]);
  return last;
}

/** How a session that no longer runs ended; null while it is being sealed. */
function useEnding(id: string | null): Ending | null {
  const store = useStore();
  const [ending, setEnding] = useState<Ending | null>(null);
  useEffect(() => {
    if (id === null) return;
    let timer: number | undefined;
    let wanted = true;
    let unknown = 0;
    const ask = async (): Promise<void> => {
      try {
        const summary = await store.client.call('session.sealed', { id });
        if (wanted) setEnding({ id, summary });
      } catch (error) {
        if (!wanted) return;
        const { code, ...said } = reportOf(error);
        if (code === 'session.unknown') unknown += 1;
        // The recorder is restarting: ask the next one. A recorder that does not know the session gives no answer.
        if (code === 'door.unreachable' || code === 'internal' || (unknown > 0 && unknown < UNKNOWN_TIMES))
          timer = window.setTimeout(() => void ask(), RETRY_MS);
        else setEnding({ id, trouble: code === 'session.unknown' ? null : errorText({ code, ...said }).message });
      }
    };
    void ask();
    return () => {
      wanted = false;
      window.clearTimeout(timer);
    };
  }, [store, id]);
  return ending?.id === id ? ending : null;
}
