/** The live layer: whether LiveKit runs, and who is in the room. It also states that the recording does not depend on it. */
import type { ReactNode } from 'react';
import type { LiveParticipant, LiveState } from '../../../electron/common/applianceState.ts';
import { counted, errorLine, errorText, t, type WordKey } from '../../components/words.ts';
import styles from './LivePanel.module.css';

const WORDS: Readonly<Record<LiveState['state'], WordKey>> = {
  off: 'live.off',
  starting: 'live.starting',
  running: 'live.running',
  restarting: 'live.restarting',
  failed: 'live.failed',
  stopped: 'live.stopped',
};

type Recorded = NonNullable<LiveParticipant['tracks'][number]['recorded']>;
const RECORDED: Readonly<Record<Recorded, WordKey>> = {
  waiting: 'live.recorded.waiting',
  recorded: 'live.recorded.yes',
  refused: 'live.recorded.no',
};

export function LivePanel({ live }: { live: LiveState }): ReactNode {
  const told = { code: 'livekit', message: live.message, nextStep: live.nextStep };
  const broken = live.state === 'failed' || live.state === 'restarting';
  return (
    <section className={styles.panel} aria-label={t('live.title')}>
      <h2>
        {t('live.title')} <span data-broken={broken || undefined}>{t(WORDS[live.state])}</span>
      </h2>
      {live.state === 'running' && live.message !== '' && <p>{errorText(told).message}</p>}
      {broken && (
        <p>
          {errorLine(told)} {t('live.noMatter')}
        </p>
      )}
      {live.state === 'running' && live.participants.length === 0 && <p>{t('live.nobody')}</p>}
      <ul>
        {live.participants.map((participant) => (
          <li key={participant.identity}>
            <span className={styles.who}>{participant.name || participant.identity}</span>
            <span>{tracksText(participant)}</span>
            {participant.tracks.flatMap(({ sid, name, recorded, reason }) =>
              recorded === undefined
                ? []
                : [<RecordedTrack key={sid} name={name} recorded={recorded} reason={reason} />],
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function RecordedTrack({
  name,
  recorded,
  reason = '',
}: {
  name: string;
  recorded: Recorded;
  reason?: string | undefined;
}): ReactNode {
  return (
    <span data-broken={recorded === 'refused' || undefined} title={reason}>
      {name}: {t(RECORDED[recorded])} {reason}
    </span>
  );
}

const tracksText = ({ tracks }: LiveParticipant): string =>
  tracks.length === 0 ? t('live.listens') : counted('live.track', tracks.length);
