/** A recording with a set length: chosen before, shown as a countdown, changed while recording. */
import { NativeSelect } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { clockText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import styles from './RecordPanel.module.css';

const MINUTES = [5, 10, 20, 30, 45, 60, 90] as const;

interface StopAfterProps {
  /** Null: only a person stops it. */
  minutes: number | null;
  /** Time left of the current recording; null: there is none, or it has no set length. */
  leftMs: number | null;
  onChange: (minutes: number | null) => void;
}

export function StopAfter({ minutes, leftMs, onChange }: StopAfterProps): ReactNode {
  return (
    <div className={styles.stopAfter}>
      <NativeSelect
        size="xs"
        label={t('record.stopAfter')}
        value={minutes === null ? '' : String(minutes)}
        data={[
          { value: '', label: t('record.stopAfter.never') },
          ...MINUTES.map((one) => ({ value: String(one), label: t('time.minutes', { minutes: one }) })),
        ]}
        onChange={({ currentTarget: { value } }) => onChange(value === '' ? null : Number(value))}
      />
      {leftMs !== null && <Countdown leftMs={leftMs} />}
    </div>
  );
}

/** Advances with this window's clock between two states from the recorder. */
function Countdown({ leftMs }: { leftMs: number }): ReactNode {
  const [now, setNow] = useState(() => performance.now());
  const [told, setTold] = useState({ leftMs, atMs: performance.now() });
  if (told.leftMs !== leftMs) setTold({ leftMs, atMs: performance.now() });
  useEffect(() => {
    const timer = window.setInterval(() => setNow(performance.now()), 500);
    return () => window.clearInterval(timer);
  }, []);
  const left = Math.max(0, told.leftMs - Math.max(0, now - told.atMs)) / 1000;
  return (
    <p role="timer" aria-label={t('record.stopsIn.label')}>
      {t('record.stopsIn', { time: clockText(Math.ceil(left)) })}
    </p>
  );
}
