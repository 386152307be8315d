/** The newest small picture of a camera or screen, drawn past React: some arrive each second for each camera. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import { atNextBeat, forgetBeat } from './beat.ts';
import { withPicture } from './jpeg.ts';
import styles from './Picture.module.css';

/** Without a new picture for so long the shown one is no longer what the camera sees. */
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
      // One that takes longer than a beat is overtaken by the newest.
      if (drawing) return atNextBeat(drawSoon);
      drawing = true;
      await withPicture(store.preview(source.id) ?? '', (picture) => drawOn(context, picture)).then(
        () => setFresh(true),
        // One that is damaged is not shown; the next comes at once.
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
