/** The time scale: a slider for the keyboard, a scrubbing area for the mouse. */
import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { t } from '../../components/words.ts';
import { toPx } from './lanes.ts';
import styles from './Timeline.module.css';
import { momentText } from './time.ts';
import { useCanvas } from './useCanvas.ts';
import { useDrawing, usePlayerState } from './usePlayer.ts';
import { ticks } from './view.ts';

export function Ruler(): ReactNode {
  const player = usePlayerState('session');
  const slider = useRef<HTMLDivElement>(null);
  const canvas = useCanvas(
    ({ context, width, height, color }, { view }) => {
      const { stepS, ns } = ticks(view, width);
      const decimals = stepS >= 1 ? 0 : Math.ceil(-Math.log10(stepS));
      context.strokeStyle = color('--room-line');
      context.fillStyle = color('--room-soft');
      context.font = '11px sans-serif';
      context.textBaseline = 'middle';
      for (const at of ns) {
        const px = Math.round(toPx(at, view, width)) + 0.5;
        context.beginPath();
        context.moveTo(px, height - 6);
        context.lineTo(px, height);
        context.stroke();
        const text = momentText(at, decimals);
        const room = width - px;
        context.textAlign = px < 20 ? 'left' : room < 20 ? 'right' : 'center';
        context.fillText(text, px, height / 2 - 3);
      }
    },
    'view',
    'session',
  );
  useDrawing(
    ({ ns }) => {
      if (!slider.current) return;
      slider.current.setAttribute('aria-valuenow', (ns / 1e9).toFixed(3));
      slider.current.setAttribute('aria-valuetext', momentText(ns));
      slider.current.dataset.ns = String(Math.round(ns));
    },
    'time',
    'session',
  );
  const key = (event: KeyboardEvent): void => {
    const seconds = { PageUp: 10, PageDown: -10, ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (seconds === undefined) return;
    event.preventDefault();
    player.seekBy(seconds);
  };
  return (
    <div className={styles.row} data-kind="ruler">
      <div className={styles.gutter} />
      <div
        ref={slider}
        className={styles.lane}
        data-ruler
        role="slider"
        tabIndex={0}
        aria-label={t('review.moment')}
        aria-valuemin={0}
        aria-valuemax={Math.ceil(player.durationNs / 1e9)}
        aria-valuenow={0}
        onKeyDown={key}
      >
        <canvas ref={canvas} className={styles.fill} />
      </div>
    </div>
  );
}
