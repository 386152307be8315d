/** Where a session is saved, and how it ended. It is called finished only when the recorder says that it is sealed. */
import { Button } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { ApplianceState, SessionState } from '../../../electron/common/applianceState.ts';
import { reportOf } from '../../../electron/common/errors.ts';
import type { SessionSummary } from '../../../electron/common/sessionSummary.ts';
import { formatBytes, toSeconds } from '../../../electron/common/units.ts';
import { clockText } from '../../components/format.ts';
import { counted, number, t } from '../../components/words.ts';
import type { Actions } from '../useActions.ts';
import { useStore } from '../useStore.ts';
import styles from './SavedWhere.module.css';

type Ending = { id: string; summary: SessionSummary } | { id: string; trouble: string | null };

const RETRY_MS = 1000;
/** So often it is asked again for a session that it does not know: it may take it up only now. */
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
  // Asked only when it is no longer the current one: while it drains nobody knows yet that it will be sealed.
  const ending = useEnding(session ? null : (last?.id ?? null));
  if (!shown) return null;
  return (
    <div className={styles.saved}>
      <p role="status">
        {running
          ? t('saved.running', { size: formatBytes(shown.bytes) })
          : endingText(ending, sealing.find(({ id }) => id === shown.id)?.fraction ?? 0)}
      </p>
      <p className={styles.folder}>{shown.folder}</p>
      <Button variant="default" size="compact-sm" onClick={() => actions.openFolder(shown.folder)}>
        {t('saved.open')}
      </Button>
    </div>
  );
}

function endingText(ending: Ending | null, fraction: number): ReactNode {
  if (!ending) return t('saved.sealing', { percent: Math.round(fraction * 100) });
  if ('trouble' in ending) {
    if (ending.trouble === null) return t('saved.in');
    return <span data-bad>{t('saved.trouble', { message: ending.trouble })}</span>;
  }
  const { durationNs, bytes, streams } = ending.summary;
  const gaps = streams.reduce((sum, stream) => sum + stream.gaps, 0);
  const missing = streams.reduce((sum, stream) => sum + stream.drops, 0);
  const facts = { duration: clockText(toSeconds(BigInt(durationNs ?? '0'))), size: formatBytes(bytes) };
  if (gaps === 0 && missing === 0) return t('saved.done', facts);
  const text = t('saved.incomplete', {
    ...facts,
    gaps: counted('figures.gap.one', 'figures.gap.many', gaps),
    missing: number(missing),
  });
  // A gap without loss is a pause that a person asked for.
  return missing === 0 ? text : <span data-bad>{text}</span>;
}

/** The session that ran last while this window was open. */
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
        const { code, message } = reportOf(error);
        if (code === 'session.unknown') unknown += 1;
        // The recorder is being replaced: the next one is asked. One that never heard of the session tells nothing.
        if (code === 'door.unreachable' || code === 'internal' || (unknown > 0 && unknown < UNKNOWN_TIMES))
          timer = window.setTimeout(() => void ask(), RETRY_MS);
        else setEnding({ id, trouble: code === 'session.unknown' ? null : message });
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
