/** The markers and the gaps of a session as lists: clicking one goes to its time. */
import { SegmentedControl } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { ReviewGap, ReviewMarker, ReviewStream } from '../../../electron/common/review.ts';
import type { Study } from '../../../electron/common/study.ts';
import { decimal, number, t } from '../../components/words.ts';
import { codeNumber } from '../codeNumber.ts';
import { gapReason } from '../gapReason.ts';
import { lostText } from '../losses.ts';
import { DetailsFields } from '../session/DetailsFields.tsx';
import { FindPanel } from './FindPanel.tsx';
import { type GapGroup, groupGaps } from './gapGroups.ts';
import styles from './SideLists.module.css';
import { momentText } from './time.ts';
import { usePlayerState } from './usePlayer.ts';

/** Further entries are shown only on the timeline. */
const MOST_GAPS = 300;

interface SideListsProps {
  study: Study | null;
  onEdit: (marker: ReviewMarker) => void;
  onChanged: () => void;
}

type Tab = 'markers' | 'gaps' | 'find' | 'session';

export function SideLists({ study, onEdit, onChanged }: SideListsProps): ReactNode {
  const player = usePlayerState('session');
  const [shown, setShown] = useState<Tab>('markers');
  const { markers, gaps, name, notes, fields } = player.session;
  return (
    <section className={styles.lists} aria-label={t('review.lists')}>
      <SegmentedControl
        fullWidth
        size="xs"
        value={shown}
        onChange={(value) => setShown(value as Tab)}
        data={[
          { value: 'markers', label: t('review.markers.count', { count: number(markers.length) }) },
          { value: 'gaps', label: t('review.gaps.count', { count: number(groupGaps(gaps).length) }) },
          { value: 'find', label: t('review.find') },
          { value: 'session', label: t('review.details') },
        ]}
      />
      {shown === 'markers' && <MarkerList markers={markers} study={study} onEdit={onEdit} />}
      {shown === 'gaps' && <GapList gaps={gaps} />}
      {shown === 'find' && <FindPanel />}
      {shown === 'session' && (
        <DetailsFields
          details={{ name, notes, fields }}
          study={study}
          onSave={(details) =>
            void player.door
              .call('sessions.describe', { ...details, fields: { ...details.fields } })
              .then(onChanged)
              .catch(() => undefined)
          }
        />
      )}
    </section>
  );
}

function MarkerList({
  markers,
  study,
  onEdit,
}: {
  markers: readonly ReviewMarker[];
  study: Study | null;
  onEdit: (marker: ReviewMarker) => void;
}): ReactNode {
  const player = usePlayerState();
  if (markers.length === 0) return <p className={styles.empty}>{t('review.markers.none')}</p>;
  return (
    <ul className={styles.list}>
      {markers.map((marker) => (
        <li key={`${marker.origin}${marker.id}`} data-code={codeNumber(study, marker.code) ?? undefined}>
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
  const streams = new Map(player.session.streams.map((stream) => [stream.id, stream]));
  const groups = groupGaps(gaps);
  if (groups.length === 0) return <p className={styles.empty}>{t('review.gaps.none')}</p>;
  return (
    <>
      <ul className={styles.list}>
        {groups.slice(0, MOST_GAPS).map((group) => (
          <li key={`${group.stream}${group.fromNs}${group.cause}`} data-pause={group.pause || undefined}>
            <button type="button" className={styles.go} onClick={() => player.seek(group.fromNs)}>
              <span className={styles.time}>{momentText(group.fromNs, 1)}</span>
              <span className={styles.text}>
                <strong>{streams.get(group.stream)?.label || group.stream}</strong>{' '}
                {groupText(group, streams.get(group.stream))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {groups.length > MOST_GAPS && (
        <p className={styles.empty}>{t('review.gaps.more', { count: number(groups.length - MOST_GAPS) })}</p>
      )}
    </>
  );
}

function groupText({ fromNs, toNs, cause, missing, count }: GapGroup, stream: ReviewStream | undefined): string {
  const length =
    toNs === null ? t('review.gap.open') : t('review.gap.long', { seconds: decimal((toNs - fromNs) / 1e9) });
  const lost = missing > 0 && stream ? [lostText(stream.kind, missing, null)] : [];
  const times = count > 1 ? [t('review.gap.times', { count })] : [];
  return [...lost, gapReason(cause), ...times, length].join(' · ');
}
