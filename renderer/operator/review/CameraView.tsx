/** One camera's picture at the current moment; drawn without React. */
import { type ReactNode, useEffect, useRef } from 'react';
import type { ReviewStream } from '../../../electron/common/review.ts';
import { decimal, errorLine, t } from '../../components/words.ts';
import { PictureTrack } from './pictureTrack.ts';
import styles from './Stage.module.css';
import { usePlayerState } from './usePlayer.ts';

export function CameraView({ stream, leads }: { stream: ReviewStream; leads: boolean }): ReactNode {
  const player = usePlayerState('state');
  const canvas = useRef<HTMLCanvasElement>(null);
  const word = useRef<HTMLSpanElement>(null);
  const name = stream.label || stream.id;
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d', { alpha: false });
    const note = word.current;
    if (!element || !context || !note) return;
    let stale: string | null = null;
    let trouble: string | null = null;
    const tell = (): void => {
      note.textContent = trouble ?? stale ?? '';
      element.dataset.stale = stale === null && trouble === null ? '' : 'true';
    };
    const track = new PictureTrack(player.door, player.book(stream.id), {
      draw: (frame, { seq, ns }) => {
        if (element.width !== frame.displayWidth) element.width = frame.displayWidth;
        if (element.height !== frame.displayHeight) element.height = frame.displayHeight;
        context.drawImage(frame, 0, 0, element.width, element.height);
        element.dataset.seq = String(seq);
        element.dataset.ns = String(ns);
      },
      stale: (forNs) => {
        stale = forNs === null ? null : staleText(forNs);
        tell();
      },
      trouble: (error) => {
        trouble = error ? errorLine(error) : null;
        tell();
      },
    });
    const want = (): void => track.want(player.ns, player.playing ? player.speed : 0);
    // Decoding ahead must not cost an ongoing recording its frames.
    const rest = (): void => track.prepare(player.restNs, !player.session.live);
    want();
    const ends = [
      player.on('time', want),
      player.on('state', want),
      player.on('session', want),
      player.on('rest', rest),
    ];
    return () => {
      for (const end of ends) end();
      track.close();
    };
  }, [player, stream.id]);
  return (
    <figure className={styles.camera} data-leads={leads || undefined}>
      <canvas
        ref={canvas}
        width={320}
        height={180}
        role="img"
        aria-label={t('review.picture', { name })}
        data-stream={stream.id}
      />
      <span ref={word} className={styles.stale} />
      <figcaption>
        <button type="button" aria-pressed={leads} onClick={() => player.lead(stream.id)} title={t('review.lead')}>
          {name}
          {stream.place && stream.place !== name && <span className={styles.place}>{stream.place}</span>}
        </button>
      </figcaption>
    </figure>
  );
}

const staleText = (forNs: number): string =>
  Number.isFinite(forNs) ? t('review.noPictureFor', { seconds: decimal(forNs / 1e9) }) : t('review.noPictureYet');
