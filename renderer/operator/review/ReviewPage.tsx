/** The player: pictures above, the timeline below, the plan and the lists beside them. */

import { Button, Loader } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { type ErrorReport, reportOf } from '../../../electron/common/errors.ts';
import { titleOf } from '../../../electron/common/review.ts';
import { codeOf, MARKER_KEYS, nextNote, type Study } from '../../../electron/common/study.ts';
import { ErrorText } from '../../components/ErrorText.tsx';
import { t } from '../../components/words.ts';
import { go } from '../frame/route.ts';
import { useStore } from '../useStore.ts';
import { FloorPlan } from './FloorPlan.tsx';
import { pressed } from './keys.ts';
import { type Editing, MarkerDialog } from './MarkerDialog.tsx';
import { Player, whole } from './player.ts';
import styles from './ReviewPage.module.css';
import { ReviewDoor } from './reviewDoor.ts';
import { SideLists } from './SideLists.tsx';
import { Stage } from './Stage.tsx';
import { Timeline } from './Timeline.tsx';
import { Transport } from './Transport.tsx';
import { PlayerContext } from './usePlayer.ts';
import { useReviewStudy } from './useReviewStudy.ts';
import { ValueFeed } from './valueFeed.ts';

/** A session that is still recording is fetched again at this interval. */
const LIVE_EVERY_MS = 1500;

interface Opened {
  player: Player;
  values: ValueFeed;
}

export function ReviewPage({ sessionKey }: { sessionKey: string }): ReactNode {
  const { opened, trouble } = useOpened(sessionKey);
  if (trouble)
    return (
      <main className={styles.middle}>
        <h1>{t('review.cannot')}</h1>
        <p role="alert">
          <ErrorText error={trouble} />
        </p>
        <Button onClick={() => go('sessions')}>{t('review.toList')}</Button>
      </main>
    );
  if (!opened)
    return (
      <main className={styles.middle}>
        <Loader aria-hidden="true" />
        <p role="status">{t('review.opening')}</p>
      </main>
    );
  return (
    <PlayerContext value={opened.player}>
      <Review {...opened} />
    </PlayerContext>
  );
}

function Review({ player, values }: Opened): ReactNode {
  const [editing, setEditing] = useState<Editing | null>(null);
  const open = editing !== null;
  const study = useReviewStudy(player.session.study);
  useEffect(() => {
    const mark = (): void => setEditing({ newAtNs: player.ns });
    const key = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (open || target.closest('input, textarea, select, [role="dialog"], [role="radiogroup"]')) return;
      // Space and Enter press the focused button.
      if (event.key === ' ' && target.closest('button, a')) return;
      const code =
        event.ctrlKey || event.altKey || event.metaKey ? undefined : MARKER_KEYS.find((one) => one === event.key);
      if (code) {
        event.preventDefault();
        void mark9(player, study, code);
        return;
      }
      if (pressed(player, event, mark)) event.preventDefault();
    };
    window.addEventListener('keydown', key);
    return () => window.removeEventListener('keydown', key);
  }, [player, open, study]);
  const { id, simulated } = player.session;
  const title = titleOf({ ...player.session, startedAtMs: player.session.zeroWallMs });
  const done = (changed: boolean): void => {
    setEditing(null);
    if (changed) void refresh(player);
  };
  return (
    <main className={styles.page} aria-label={t('review.title')}>
      <header className={styles.head}>
        <Button variant="subtle" size="compact-sm" onClick={() => go('sessions')}>
          {t('review.toList')}
        </Button>
        <h1>{title}</h1>
        <span className={styles.soft}>{id}</span>
        {simulated && <span className={styles.simulated}>{t('sessions.simulated')}</span>}
        <details className={styles.keys}>
          <summary>{t('review.keys')}</summary>
          <p>{t('review.keys.text')}</p>
        </details>
      </header>
      <div className={styles.upper}>
        <Stage />
        <aside className={styles.side} aria-label={t('review.side')}>
          <FloorPlan />
          <SideLists study={study} onEdit={(marker) => setEditing({ marker })} onChanged={() => void refresh(player)} />
        </aside>
      </div>
      <Transport onMark={() => setEditing({ newAtNs: player.ns })} />
      <Timeline values={values} study={study} onMarker={(marker) => player.seek(Number(marker.atNs))} />
      {editing && <MarkerDialog editing={editing} study={study} onDone={done} />}
    </main>
  );
}

/** A key of the codebook adds a marker at the current moment; for an open interval, its key ends it. */
async function mark9(player: Player, study: Study | null, key: string): Promise<void> {
  const code = study ? codeOf(study, key) : key;
  const note = study ? nextNote(study, key, player.session.markers, player.ns) : '';
  await player.door.call('review.addMarker', { atNs: whole(player.ns), code, note });
  await refresh(player);
}

async function refresh(player: Player): Promise<void> {
  player.take(await player.door.call('review.session', {}));
}

function useOpened(sessionKey: string): { opened: Opened | null; trouble: ErrorReport | null } {
  const store = useStore();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [trouble, setTrouble] = useState<ErrorReport | null>(null);
  useEffect(() => {
    const door = new ReviewDoor(sessionKey, () => store.client);
    let mine: Opened | null = null;
    let closed = false;
    let timer: number | undefined;
    const follow = (): void => {
      timer = window.setTimeout(() => {
        const { player } = mine as Opened;
        if (!player.session.live) return;
        void refresh(player)
          .catch(() => undefined)
          .finally(() => !closed && follow());
      }, LIVE_EVERY_MS);
    };
    door
      .call('review.session', {})
      .then((session) => {
        if (closed) return;
        const player = new Player(door, session);
        mine = { player, values: new ValueFeed(player) };
        setOpened(mine);
        follow();
      })
      .catch((error: unknown) => !closed && setTrouble(reportOf(error)));
    return () => {
      closed = true;
      window.clearTimeout(timer);
      mine?.values.close();
      mine?.player.close();
      setOpened(null);
      setTrouble(null);
    };
  }, [store, sessionKey]);
  return { opened, trouble };
}
