/** The newest preview picture of a camera or screen, drawn without React: several arrive per second and camera. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import { atNextBeat, forgetBeat } from './beat.ts';
import { withPicture } from './jpeg.ts';
import styles from './Picture.module.css';

/** After this long without a new picture, the shown one is out of date. */
const STALE_MS = 3000;

export function Picture({ source, name }: { source: SourceHealth; name: string }): ReactNode {
  const store = useStore();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [fresh, setFresh] = useState(false);
  useEffect(() => {
    const context = canvas.current?.getContext('2d', { alpha: false });
    if (!context) return;
    let timer: number | undefined;
    let drawing = false;
    const draw = async (): Promise<void> => {
      // A picture that takes longer than a beat to decode is replaced by the newest one.
      if (drawing) return atNextBeat(drawSoon);
      drawing = true;
      await withPicture(store.preview(source.id) ?? '', (picture) => drawOn(context, picture)).then(
        () => setFresh(true),
        // A damaged picture is not shown; the next one arrives soon.
        () => undefined,
      );
      drawing = false;
    };
    const drawSoon = (): void => void draw();
    const unsubscribe = store.subscribe(`preview:${source.id}`, () => {
      atNextBeat(drawSoon);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => setFresh(false), STALE_MS);
    });
    return () => {
      unsubscribe();
      forgetBeat(drawSoon);
      window.clearTimeout(timer);
    };
  }, [store, source.id]);
  const shown = fresh && !source.paused;
  return (
    <div className={styles.stage} data-paused={source.paused || undefined}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={t('picture.of', { name })}
        className={styles.picture}
        data-shown={shown}
      />
      {!shown && <span className={styles.none}>{t(source.paused ? 'picture.paused' : 'picture.none')}</span>}
    </div>
  );
}

function drawOn(context: CanvasRenderingContext2D, picture: VideoFrame): void {
  const { canvas } = context;
  const [width, height] = [picture.displayWidth, picture.displayHeight];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(picture, 0, 0);
}
