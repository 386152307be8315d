/** One source: its live preview, whether its data is safe on disk, and what to do if it is not. */
import { Button } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { nameOf } from '../alarms.ts';
import { healthWords } from '../healthWords.ts';
import { sourceStatus } from '../sourceStatus.ts';
import type { Actions } from '../useActions.ts';
import { Candidates } from './Candidates.tsx';
import { SimulatedBadge } from './SimulatedBadge.tsx';
import styles from './SourceCard.module.css';
import { SourcePreview } from './SourcePreview.tsx';
import { StateWord } from './StateWord.tsx';
import { StreamFigures } from './StreamFigures.tsx';
import { Wearer } from './Wearer.tsx';

export function SourceCard({
  source,
  recording,
  sessionPaused,
  actions,
  large,
  onLarge,
}: {
  source: SourceHealth;
  recording: boolean;
  sessionPaused: boolean;
  actions: Actions;
  /** Shows its picture large; undefined: it has none. */
  large?: boolean | undefined;
  onLarge?: () => void;
}): ReactNode {
  const name = nameOf(source);
  const titleId = useId();
  const mood = sourceStatus(source, recording, sessionPaused);
  const about = [source.place, source.state.device].filter((part) => part !== '').join(' · ');
  const { message, nextStep } = source.state;
  const [worst] = source.health.findings;
  const measured = worst && worst.code !== 'device' && !source.paused ? healthWords(source, worst) : null;
  return (
    <article className={styles.card} data-mood={mood.mood} aria-labelledby={titleId}>
      {(source.kind === 'camera' || source.kind === 'screen') && (
        <div className={styles.picture}>
          <SourcePreview source={source} />
          {onLarge && (
            <button
              type="button"
              className={styles.enlarge}
              aria-pressed={large}
              aria-label={t('picture.enlarge', { name })}
              title={t(large ? 'picture.smaller' : 'picture.larger')}
              onClick={onLarge}
            />
          )}
        </div>
      )}
      <div className={styles.head}>
        <h3 id={titleId}>{name}</h3>
        <StateWord {...mood} />
        <Button
          variant="default"
          size="compact-xs"
          aria-label={t(source.paused ? 'source.resume.name' : 'source.pause.name', { name })}
          onClick={() => void actions.call('source.pause', { source: source.id, paused: !source.paused })}
        >
          {t(source.paused ? 'source.resume' : 'source.pause')}
        </Button>
        <p className={styles.about}>
          {source.simulated && <SimulatedBadge />}
          <Wearer source={source} actions={actions} />
          <span title={about}>{about}</span>
        </p>
      </div>
      {source.kind !== 'camera' && source.kind !== 'screen' && <SourcePreview source={source} />}
      {(message !== '' || nextStep !== '') && !source.paused && (
        <p className={styles.trouble}>
          <strong>{message}</strong> {nextStep}
        </p>
      )}
      {measured && (
        <p className={styles.trouble} data-level={worst?.level}>
          <strong>{measured.text}</strong> {measured.nextStep}
        </p>
      )}
      <Candidates source={source} actions={actions} trials={null} />
      {source.streams.map((stream) => (
        <StreamFigures key={stream.id} stream={stream} recording={recording} late={worst?.code === 'late'} />
      ))}
    </article>
  );
}
