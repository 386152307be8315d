/** All markers on the timeline: labels that do not overlap, and intervals as bars, in the colour of their code. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ReviewMarker } from '../../../electron/common/review.ts';
import { type Interval, intervalsOf, type Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { codeNumber } from '../codeNumber.ts';
import { FLAG_LETTERS, rowsOf } from './flagRows.ts';
import { toPx } from './lanes.ts';
import styles from './Timeline.module.css';
import { momentText } from './time.ts';
import { usePlayerState } from './usePlayer.ts';

interface MarkerLaneProps {
  study: Study | null;
  onMarker: (marker: ReviewMarker) => void;
}

export function MarkerLane({ study, onMarker }: MarkerLaneProps): ReactNode {
  const player = usePlayerState('session', 'view');
  const lane = useRef<HTMLDivElement>(null);
  const width = useWidth(lane);
  const { view } = player;
  const all = player.session.markers;
  const shown = all.filter(({ atNs }) => Number(atNs) >= view.fromNs && Number(atNs) <= view.toNs);
  const rows = rowsOf(shown.map(({ atNs, code }) => ({ atPx: toPx(Number(atNs), view, width), text: code })));
  const intervals = intervalsOf(all).filter(
    ({ start, end }) => Number(start.atNs) <= view.toNs && Number(end?.atNs ?? player.durationNs) >= view.fromNs,
  );
  return (
    <div className={styles.row} data-kind="markers">
      <div className={styles.gutter}>
        <span className={styles.name}>{t('review.markers')}</span>
      </div>
      <div className={styles.lane} data-lane ref={lane}>
        {intervals.map((interval) => (
          <IntervalBar
            key={interval.start.atNs + interval.code}
            number={codeNumber(study, interval.code)}
            fromPx={Math.max(0, toPx(Number(interval.start.atNs), view, width))}
            toPx={Math.min(width, toPx(Number(interval.end?.atNs ?? player.durationNs), view, width))}
            text={intervalText(interval)}
          />
        ))}
        {shown.map((marker, i) => (
          <MarkerFlag
            key={`${marker.origin}${marker.id}`}
            marker={marker}
            number={codeNumber(study, marker.code)}
            atPx={toPx(Number(marker.atNs), view, width)}
            row={rows[i] ?? null}
            onOpen={() => onMarker(marker)}
          />
        ))}
      </div>
    </div>
  );
}

const intervalText = ({ code, start, end }: Interval<ReviewMarker>): string =>
  `${code}: ${momentText(Number(start.atNs), 1)} – ${end ? momentText(Number(end.atNs), 1) : ''}`;

function useWidth(lane: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(1);
  useEffect(() => {
    const element = lane.current;
    if (!element) return;
    const look = (): void => setWidth(Math.max(1, element.clientWidth));
    const resized = new ResizeObserver(look);
    resized.observe(element);
    look();
    return () => resized.disconnect();
  }, [lane]);
  return width;
}

function IntervalBar(props: { number: number | null; fromPx: number; toPx: number; text: string }): ReactNode {
  const { number, fromPx, toPx: end, text } = props;
  const bar = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (!bar.current) return;
    bar.current.style.left = `${fromPx}px`;
    bar.current.style.width = `${Math.max(2, end - fromPx)}px`;
  }, [fromPx, end]);
  return <span ref={bar} className={styles.interval} data-code={number ?? undefined} title={text} />;
}

interface MarkerFlagProps {
  marker: ReviewMarker;
  /** Index of the code in the study, 1 to 9; null: none. */
  number: number | null;
  atPx: number;
  /** Null: there is only room for its line. */
  row: number | null;
  onOpen: () => void;
}

function MarkerFlag({ marker, number, atPx, row, onOpen }: MarkerFlagProps): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return;
    button.current.style.left = `${atPx}px`;
    button.current.style.top = `${2 + (row ?? 0) * FLAG_ROW_PX}px`;
  }, [atPx, row]);
  const words = { code: marker.code, time: momentText(Number(marker.atNs), 1), note: marker.note };
  return (
    <button
      ref={button}
      type="button"
      className={styles.flag}
      data-code={number ?? undefined}
      data-narrow={row === null || undefined}
      onClick={onOpen}
      aria-label={t('review.markerAt', words)}
      title={t('review.markerAt', words)}
    >
      {row !== null && marker.code.slice(0, FLAG_LETTERS)}
    </button>
  );
}

const FLAG_ROW_PX = 22;
