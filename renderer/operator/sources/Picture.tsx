/** The newest small picture of a camera or screen, set past React: some arrive each second for each camera. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import styles from './Picture.module.css';

/** Without a new picture for so long the shown one is no longer what the camera sees. */
const STALE_MS = 3000;

export function Picture({ source, name }: { source: SourceHealth; name: string }): ReactNode {
  const store = useStore();
  const image = useRef<HTMLImageElement>(null);
  const [fresh, setFresh] = useState(false);
  useEffect(() => {
    let timer: number | undefined;
    const show = (): void => {
      const url = store.preview(source.id);
      if (url === undefined || !image.current) return;
      image.current.src = url;
      setFresh(true);
      window.clearTimeout(timer);
      timer = window.setTimeout(() => setFresh(false), STALE_MS);
    };
    const unsubscribe = store.subscribe(`preview:${source.id}`, show);
    return () => {
      unsubscribe();
      window.clearTimeout(timer);
    };
  }, [store, source.id]);
  const shown = fresh && !source.paused;
  return (
    <div className={styles.stage}>
      <img ref={image} alt={t('picture.of', { name })} className={styles.picture} data-shown={shown} />
      {!shown && <span className={styles.none}>{t(source.paused ? 'picture.paused' : 'picture.none')}</span>}
    </div>
  );
}
