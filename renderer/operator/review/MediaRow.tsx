/** A media row on the timeline: when a camera has pictures, or how loud a microphone was. */
import { type ReactNode, useEffect, useRef } from 'react';
import type { ReviewStream } from '../../../electron/common/review.ts';
import { t } from '../../components/words.ts';
import { MutedIcon, SoundIcon } from './icons.tsx';
import { toPx } from './lanes.ts';
import { BUCKET_NS, Peaks } from './peaks.ts';
import { drawGapsOf, nameOf, StreamRow } from './StreamRow.tsx';
import { SoundDecoder } from './soundDecoder.ts';
import styles from './Timeline.module.css';
import { type Surface, useCanvas } from './useCanvas.ts';
import { usePlayerState } from './usePlayer.ts';
import type { View } from './view.ts';

export function CameraRow({ stream }: { stream: ReviewStream }): ReactNode {
  const canvas = useCanvas(
    (surface, player) => {
      if (stream.firstNs !== null && stream.lastNs !== null) {
        const from = toPx(Number(stream.firstNs), player.view, surface.width);
        const to = toPx(Number(stream.lastNs), player.view, surface.width);
        surface.context.fillStyle = surface.color('--room-chosen');
        surface.context.fillRect(from, 4, to - from, surface.height - 8);
      }
      drawGapsOf(stream, surface, player);
    },
    'view',
    'session',
  );
  return (
    <StreamRow stream={stream}>
      <canvas
        ref={canvas}
        className={styles.fill}
        role="img"
        aria-label={t('review.coverage', { name: nameOf(stream) })}
      />
    </StreamRow>
  );
}

export function SoundRow({ stream }: { stream: ReviewStream }): ReactNode {
  const player = usePlayerState('state');
  const peaks = useRef<Peaks | null>(null);
  const canvas = useCanvas(
    (surface, drawn) => {
      drawGapsOf(stream, surface, drawn);
      if (peaks.current) drawPeaks(surface, peaks.current.buckets, drawn.view);
    },
    'view',
    'session',
    'wave',
  );
  useEffect(() => {
    // A separate decoder: playback must not wait for the waveform.
    const made = new Peaks(player.book(stream.id), new SoundDecoder(player.door), () => player.tell('wave'));
    peaks.current = made;
    const look = (): void => made.look(player.durationNs, player.view);
    const hold = (): void => {
      made.held = player.playing;
    };
    const ends = [player.on('view', look), player.on('session', look), player.on('state', hold)];
    look();
    return () => {
      for (const end of ends) end();
      made.close();
    };
  }, [player, stream.id]);
  const name = nameOf(stream);
  const muted = player.muted.has(stream.id);
  const mute = (
    <button
      type="button"
      className={styles.mute}
      aria-pressed={muted}
      aria-label={t('review.mute', { name })}
      title={t('review.mute', { name })}
      onClick={() => player.setMuted(stream.id, !muted)}
    >
      {muted ? <MutedIcon /> : <SoundIcon />}
    </button>
  );
  return (
    <StreamRow stream={stream} beside={mute}>
      <canvas ref={canvas} className={styles.fill} role="img" aria-label={t('review.wave', { name })} />
    </StreamRow>
  );
}

/** Levels from -60 dB: speech across a room is far below full scale. */
const FLOOR_DB = -60;

function drawPeaks({ context, width, height, color }: Surface, buckets: Uint8Array, view: View): void {
  context.fillStyle = color('--room-plot');
  const perPx = (view.toNs - view.fromNs) / BUCKET_NS / width;
  const first = view.fromNs / BUCKET_NS;
  for (let px = 0; px < width; px += 1) {
    let peak = 0;
    const to = Math.max(Math.floor(first + (px + 1) * perPx), Math.floor(first + px * perPx) + 1);
    for (let i = Math.floor(first + px * perPx); i < to; i += 1) peak = Math.max(peak, buckets[i] ?? 0);
    if (peak === 0) continue;
    const db = 20 * Math.log10(Math.max(1e-4, (peak - 1) / 254));
    const share = Math.max(1 / height, 1 - db / FLOOR_DB);
    context.fillRect(px, (height * (1 - share)) / 2, 1, height * share);
  }
}
