/** One source: what it sees, hears or measures, whether that is safe on disk, and what to do when it is not. */
import { Button } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { SourceHealth } from '../../../electron/common/door.ts';
import { t } from '../../components/words.ts';
import { lateMs, nameOf } from '../alarms.ts';
import { sourceMood } from '../sourceMood.ts';
import type { Actions } from '../useActions.ts';
import { LevelMeter } from './LevelMeter.tsx';
import { Picture } from './Picture.tsx';
import { SensorValues } from './SensorValues.tsx';
import styles from './SourceCard.module.css';
import { StreamFigures } from './StreamFigures.tsx';

export function SourceCard({
  source,
  recording,
  actions,
}: {
  source: SourceHealth;
  recording: boolean;
  actions: Actions;
}): ReactNode {
  const name = nameOf(source);
  const titleId = useId();
  const mood = sourceMood(source, recording);
  const about = [source.place, source.participant ?? '', source.state.device].filter((part) => part !== '').join(' · ');
  const { message, nextStep, candidates } = source.state;
  return (
    <article className={styles.card} data-mood={mood.mood} aria-labelledby={titleId}>
      {(source.kind === 'camera' || source.kind === 'screen') && <Picture source={source} name={name} />}
      <div className={styles.head}>
        <h3 id={titleId}>{name}</h3>
        <span className={styles.state} data-mood={mood.mood}>
          {t(mood.word)}
        </span>
        <Button
          variant="default"
          size="compact-xs"
          aria-label={t(source.paused ? 'source.resume.name' : 'source.pause.name', { name })}
          onClick={() => void actions.call('source.pause', { source: source.id, paused: !source.paused })}
        >
          {t(source.paused ? 'source.resume' : 'source.pause')}
        </Button>
        <p title={about}>{about}</p>
      </div>
      {source.kind === 'microphone' && <LevelMeter source={source.id} name={name} muted={source.paused} />}
      {source.streams
        .filter((stream) => stream.kind === 'samples')
        .map((stream) => (
          <SensorValues key={stream.id} stream={stream} recording={recording} />
        ))}
      {(message !== '' || nextStep !== '') && !source.paused && (
        <p className={styles.trouble}>
          <strong>{message}</strong> {nextStep}
        </p>
      )}
      {candidates.length > 0 && (
        <div className={styles.candidates}>
          {candidates.map((candidate) => (
            <Button
              key={JSON.stringify(candidate.match)}
              variant="light"
              size="compact-sm"
              onClick={() => void actions.call('source.choose', { source: source.id, match: candidate.match })}
            >
              {candidate.label}
            </Button>
          ))}
        </div>
      )}
      {source.streams.map((stream) => (
        <StreamFigures
          key={stream.id}
          stream={stream}
          recording={recording}
          late={recording && !source.paused && lateMs(source) !== null}
        />
      ))}
    </article>
  );
}
