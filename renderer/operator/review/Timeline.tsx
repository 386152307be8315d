/**
 * The whole session on one timeline: ruler, markers, cameras, microphones and sensors, each with its gaps. A click goes
 * to that moment, dragging over lanes zooms, dragging in the ruler scrubs; the wheel zooms with Ctrl and scrolls with
 * Shift.
 */
import { type PointerEvent, type ReactNode, useEffect, useRef } from 'react';
import type { ReviewMarker } from '../../../electron/common/review.ts';
import type { Study } from '../../../electron/common/study.ts';
import { t } from '../../components/words.ts';
import { toNs, toPx } from './lanes.ts';
import { MarkerLane } from './MarkerLane.tsx';
import { CameraRow, SoundRow } from './MediaRow.tsx';
import { Ruler } from './Ruler.tsx';
import { SensorRow } from './SensorRow.tsx';
import styles from './Timeline.module.css';
import { useDrawing, usePlayerState } from './usePlayer.ts';
import type { ValueFeed } from './valueFeed.ts';

/** A movement shorter than this is a click. */
const DRAG_PX = 5;

export function Timeline({
  values,
  study,
  onMarker,
}: {
  values: ValueFeed;
  /** Null: the session's study is not known here. */
  study: Study | null;
  onMarker: (marker: ReviewMarker) => void;
}): ReactNode {
  const player = usePlayerState('session');
  const lanes = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const selection = useRef<HTMLDivElement>(null);
  useDrawing(
    ({ ns, view }) => {
      if (head.current) head.current.style.left = `${toPx(ns, view, 100)}%`;
    },
    'time',
    'view',
    'session',
  );
  useWheel(lanes);
  const drag = useRef<{ from: number; ruler: boolean } | null>(null);
  const at = (event: PointerEvent): number => event.clientX - (lanes.current?.getBoundingClientRect().left ?? 0);
  const momentAt = (px: number): number => toNs(px, player.view, lanes.current?.clientWidth ?? 1);

  const down = (event: PointerEvent<HTMLElement>): void => {
    const target = event.target as HTMLElement;
    if (event.button !== 0 || target.closest('button, select') || !target.closest('[data-lane], [data-ruler]')) return;
    const ruler = target.closest('[data-ruler]') !== null;
    drag.current = { from: at(event), ruler };
    event.currentTarget.setPointerCapture(event.pointerId);
    if (ruler) player.seek(momentAt(at(event)));
  };
  const move = (event: PointerEvent): void => {
    if (!drag.current) player.point(momentAt(at(event)));
    else if (drag.current.ruler) player.seek(momentAt(at(event)));
    else drawSelection(selection.current, drag.current.from, at(event));
  };
  const up = (event: PointerEvent): void => {
    const began = drag.current;
    drag.current = null;
    drawSelection(selection.current, 0, 0);
    if (!began || began.ruler) return;
    const [from, to] = [Math.min(began.from, at(event)), Math.max(began.from, at(event))];
    if (to - from < DRAG_PX) player.seek(momentAt(at(event)));
    else player.show({ fromNs: Math.max(0, momentAt(from)), toNs: Math.min(player.durationNs, momentAt(to)) });
  };

  return (
    <section
      className={styles.timeline}
      aria-label={t('review.timeline')}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    >
      <div className={styles.inner}>
        <div className={styles.top}>
          <Ruler />
          <MarkerLane study={study} onMarker={onMarker} />
        </div>
        {player.streams('video').map((stream) => (
          <CameraRow key={stream.id} stream={stream} />
        ))}
        {player.streams('audio').map((stream) => (
          <SoundRow key={stream.id} stream={stream} />
        ))}
        {player.streams('samples').map((stream) => (
          <SensorRow key={stream.id} stream={stream} values={values} />
        ))}
        <div ref={lanes} className={styles.over} aria-hidden="true">
          <div ref={selection} className={styles.selection} />
          <div ref={head} className={styles.head} />
        </div>
      </div>
    </section>
  );
}

function drawSelection(element: HTMLElement | null, from: number, to: number): void {
  if (!element) return;
  element.style.left = `${Math.min(from, to)}px`;
  element.style.width = `${Math.abs(to - from)}px`;
}

/** Not React's own listener: that one is passive, and could not keep the page from scrolling. */
function useWheel(lanes: { current: HTMLElement | null }): void {
  const player = usePlayerState();
  useEffect(() => {
    const area = lanes.current?.parentElement;
    if (!area) return;
    const turn = (event: WheelEvent): void => {
      const box = lanes.current?.getBoundingClientRect();
      if (!box || event.clientX < box.left) return;
      const sideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      // Without Ctrl the wheel scrolls the rows, as everywhere else.
      if (!sideways && !event.ctrlKey) return;
      event.preventDefault();
      if (sideways) player.pan(Math.sign(event.deltaX || event.deltaY) * 0.1);
      else player.zoom(event.deltaY > 0 ? 1.25 : 0.8, toNs(event.clientX - box.left, player.view, box.width));
    };
    area.addEventListener('wheel', turn, { passive: false });
    return () => area.removeEventListener('wheel', turn);
  }, [player, lanes]);
}
