/** The markers and the gaps of a session as lists: a press goes there. */
import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ReviewGap, ReviewMarker } from '../../../electron/common/review.ts';
import { counted, decimal, number, t } from '../../components/words.ts';
import styles from './SideLists.module.css';
import { momentText } from './time.ts';
import { usePlayerState } from './usePlayer.ts';

/** The longest are listed; the timeline shows all. */
const MOST_GAPS = 100;

export function SideLists({ onEdit }: { onEdit: (marker: ReviewMarker) => void }): ReactNode {
  const player = usePlayerState('session');
  const [shown, setShown] = useState<'markers' | 'gaps'>('markers');
  const { markers, gaps } = player.session;
  return (
    <section className={styles.lists} aria-label={t('review.lists')}>
      <SegmentedControl
        fullWidth
        size="xs"
        value={shown}
        onChange={(value) => setShown(value as 'markers' | 'gaps')}
        data={[
          { value: 'markers', label: t('review.markers.count', { count: number(markers.length) }) },
          { value: 'gaps', label: t('review.gaps.count', { count: number(gaps.length) }) },
        ]}
      />
      {shown === 'markers' ? <MarkerList markers={markers} onEdit={onEdit} /> : <GapList gaps={gaps} />}
    </section>
  );
}

function MarkerList({
  markers,
  onEdit,
}: {
  markers: readonly ReviewMarker[];
  onEdit: (marker: ReviewMarker) => void;
}): ReactNode {
  const player = usePlayerState();
  if (markers.length === 0) return <p className={styles.empty}>{t('review.markers.none')}</p>;
  return (
    <ul className={styles.list}>
      {markers.map((marker) => (
        <li key={`${marker.origin}${marker.id}`}>
          <button type="button" className={styles.go} onClick={() => player.seek(Number(marker.atNs))}>
            <span className={styles.time}>{momentText(Number(marker.atNs), 1)}</span>
            <span className={styles.text}>
              <strong>{marker.code}</strong> {marker.note}
            </span>
          </button>
          <button
            type="button"
            className={styles.edit}
            onClick={() => onEdit(marker)}
            aria-label={t('review.edit.of', { code: marker.code, time: momentText(Number(marker.atNs), 1) })}
          >
            {t('review.edit')}
          </button>
        </li>
      ))}
    </ul>
  );
}

function GapList({ gaps }: { gaps: readonly ReviewGap[] }): ReactNode {
  const player = usePlayerState();
  const names = new Map(player.session.streams.map(({ id, label }) => [id, label || id]));
  const known = gaps.filter((gap): gap is ReviewGap & { fromNs: string } => gap.fromNs !== null).slice(0, MOST_GAPS);
  if (known.length === 0) return <p className={styles.empty}>{t('review.gaps.none')}</p>;
  return (
    <>
      <ul className={styles.list}>
        {known.map((gap) => (
          <li key={`${gap.stream}${gap.fromNs}${gap.cause}`}>
            <button type="button" className={styles.go} onClick={() => player.seek(Number(gap.fromNs))}>
              <span className={styles.time}>{momentText(Number(gap.fromNs), 1)}</span>
              <span className={styles.text}>
                <strong>{names.get(gap.stream) ?? gap.stream}</strong> {gapText(gap)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {gaps.length > known.length && (
        <p className={styles.empty}>{t('review.gaps.more', { count: number(gaps.length - known.length) })}</p>
      )}
    </>
  );
}

function gapText({ fromNs, toNs, cause, missing }: ReviewGap): string {
  const length =
    toNs === null
      ? t('review.gap.open')
      : t('review.gap.long', { seconds: decimal((Number(toNs) - Number(fromNs)) / 1e9) });
  const lost = missing > 0 ? `, ${counted('review.gap.lost', missing)}` : '';
  return `${length}, ${cause.replaceAll('-', ' ')}${lost}`;
}
