/** All cameras side by side, as large as the window allows. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { t } from '../../components/words.ts';
import { CameraView } from './CameraView.tsx';
import styles from './Stage.module.css';
import { usePlayerState } from './usePlayer.ts';

/** Height of a caption under a picture, and the space between two pictures. */
const CAPTION_PX = 30;
const GAP_PX = 8;
const SHAPE = 16 / 9;

export function Stage(): ReactNode {
  const player = usePlayerState('state', 'session');
  const box = useRef<HTMLElement>(null);
  const cameras = player.streams('video');
  const columns = useColumns(box, cameras.length);
  return (
    <section ref={box} className={styles.stage} aria-label={t('review.pictures')} data-columns={columns}>
      {cameras.length === 0 && <p className={styles.none}>{t('review.noCameras')}</p>}
      {cameras.map((stream) => (
        <CameraView key={stream.id} stream={stream} leads={cameras.length > 1 && stream.id === player.leader} />
      ))}
    </section>
  );
}

/** The number of columns that makes the pictures largest. */
function useColumns(box: { current: HTMLElement | null }, count: number): number {
  const [columns, setColumns] = useState(1);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const choose = (): void => {
      const width = (n: number): number => {
        const rows = Math.ceil(count / n);
        const across = (element.clientWidth - GAP_PX * (n + 1)) / n;
        const down = (element.clientHeight - GAP_PX * (rows + 1)) / rows - CAPTION_PX;
        return Math.min(across, down * SHAPE);
      };
      const best = Array.from({ length: Math.max(1, count) }, (_, i) => i + 1).reduce((a, b) =>
        width(b) > width(a) ? b : a,
      );
      element.style.setProperty('--columns', String(best));
      element.style.setProperty('--picture-width', `${Math.max(80, Math.floor(width(best)))}px`);
      setColumns(best);
    };
    choose();
    const resized = new ResizeObserver(choose);
    resized.observe(element);
    return () => resized.disconnect();
  }, [box, count]);
  return columns;
}
