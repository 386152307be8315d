/** How much of a stream is safe on disk. Nothing is shown when no recording is running. */
import type { ReactNode } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { ageText } from '../../components/format.ts';
import { decimal, number, t, type WordKey } from '../../components/words.ts';
import { lostText } from '../losses.ts';
import styles from './StreamFigures.module.css';

type StreamHealth = SourceHealth['streams'][number];

const SAFE: Readonly<Record<StreamHealth['kind'], WordKey>> = {
  video: 'figures.frames',
  audio: 'figures.packets',
  samples: 'figures.samples',
};

export function StreamFigures({
  stream,
  recording,
  late,
}: {
  stream: StreamHealth;
  recording: boolean;
  late: boolean;
}): ReactNode {
  if (!recording && stream.count === 0) return null;
  return (
    <p className={styles.figures} data-stream={stream.id}>
      <span>{t(SAFE[stream.kind], { count: number(stream.count) })}</span>
      <span>{t('figures.rate', { rate: decimal(stream.rateHz) })}</span>
      {stream.ageMs !== null && <span data-bad={late || undefined}>{ageText(stream.ageMs)}</span>}
      {stream.missing > 0 && <span data-bad>{lostText(stream.kind, stream.missing, stream.count)}</span>}
      {stream.missing === 0 && stream.count > 0 && <span>{t('figures.whole')}</span>}
    </p>
  );
}
