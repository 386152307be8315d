/** The frame of one stream's row on the timeline: its name and options on the left, its lane on the right. */
import type { ReactNode } from 'react';
import type { ReviewStream } from '../../../electron/common/review.ts';
import { drawGaps } from './lanes.ts';
import type { Player } from './player.ts';
import styles from './Timeline.module.css';
import type { Surface } from './useCanvas.ts';

/** The name of a row: its label, or else its id. */
export const nameOf = ({ label, id }: ReviewStream): string => label || id;

export function StreamRow({
  stream,
  beside,
  children,
}: {
  stream: ReviewStream;
  beside?: ReactNode;
  children: ReactNode;
}): ReactNode {
  const name = nameOf(stream);
  return (
    <article className={styles.row} aria-label={name} data-kind={stream.kind}>
      <div className={styles.gutter}>
        <span className={styles.name} title={`${name} ${stream.place}`}>
          {name}
        </span>
        {beside}
      </div>
      <div className={styles.lane} data-lane>
        {children}
      </div>
    </article>
  );
}

/** The gaps of one stream that are in view. */
export function drawGapsOf({ id }: ReviewStream, surface: Surface, { session, view, durationNs }: Player): void {
  drawGaps(
    surface,
    session.gaps.filter(({ stream }) => stream === id),
    view,
    durationNs,
  );
}
