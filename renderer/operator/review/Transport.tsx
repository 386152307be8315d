/** Play, step, speed, and the position in the session. */
import { Button, NativeSelect } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import { t } from '../../components/words.ts';
import { BackIcon, FitIcon, ForwardIcon, MinusIcon, PauseIcon, PlayIcon, PlusIcon } from './icons.tsx';
import { SPEEDS } from './player.ts';
import styles from './Transport.module.css';
import { dayTimeText, momentText } from './time.ts';
import { useDrawing, usePlayerState } from './usePlayer.ts';

export function Transport({ onMark }: { onMark: () => void }): ReactNode {
  const player = usePlayerState('state', 'session');
  const moment = useRef<HTMLSpanElement>(null);
  const day = useRef<HTMLSpanElement>(null);
  useDrawing(
    ({ ns, session }) => {
      if (moment.current) moment.current.textContent = momentText(ns);
      if (day.current) day.current.textContent = dayTimeText(session.zeroWallMs, ns);
    },
    'time',
    'session',
  );
  const button = (word: Parameters<typeof t>[0], icon: ReactNode, work: () => void): ReactNode => (
    <button type="button" className={styles.button} onClick={work} aria-label={t(word)} title={t(word)}>
      {icon}
    </button>
  );
  return (
    <div className={styles.bar} role="toolbar" aria-label={t('review.controls')}>
      {button('review.back', <BackIcon />, () => void player.step(false))}
      <button
        type="button"
        className={styles.play}
        onClick={() => player.toggle()}
        aria-label={t(player.playing ? 'review.pause' : 'review.play')}
        title={`${t(player.playing ? 'review.pause' : 'review.play')} (${t('review.key.space')})`}
      >
        {player.playing ? <PauseIcon /> : <PlayIcon />}
      </button>
      {button('review.forward', <ForwardIcon />, () => void player.step(true))}
      <span className={styles.moment} ref={moment} data-testid="moment" />
      <span className={styles.length}>/ {momentText(player.durationNs, 0)}</span>
      <span className={styles.day} ref={day} title={t('review.dayTime')} />
      {player.session.live && <span className={styles.live}>{t('review.live')}</span>}
      <span className={styles.space} />
      <NativeSelect
        size="xs"
        aria-label={t('review.speed')}
        value={String(player.speed)}
        onChange={(event) => player.setSpeed(Number(event.currentTarget.value))}
        data={SPEEDS.map((speed) => ({ value: String(speed), label: `${speed}×` }))}
      />
      {button('review.zoomOut', <MinusIcon />, () => player.zoom(2))}
      {button('review.zoomIn', <PlusIcon />, () => player.zoom(0.5))}
      {button('review.fit', <FitIcon />, () => player.fit())}
      <Button size="compact-sm" variant="default" onClick={onMark} title={t('review.key.mark')}>
        {t('review.mark')}
      </Button>
    </div>
  );
}
