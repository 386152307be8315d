/** The last values of a sensor, and the course of its first numbers over the last seconds. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { SourceHealth } from '../../electron/common/door.ts';
import { valueText } from '../components/format.ts';
import { t } from '../components/words.ts';
import { SamplePlot } from './SamplePlot.tsx';
import styles from './SensorValues.module.css';
import type { SampleRow } from './sampleWindow.ts';
import { useStore } from './useStore.ts';

type StreamHealth = SourceHealth['streams'][number];

const SHOWN_CHANNELS = 4;
/** Numbers that change faster than this cannot be read. */
const VALUES_EVERY_MS = 250;

export function SensorValues({ stream }: { stream: StreamHealth }): ReactNode {
  const last = useLastRow(stream.id);
  const channels = stream.channels ?? [];
  const plotted = channels.findIndex((channel) => channel.type === 'number' || channel.type === 'integer');
  return (
    <div className={styles.sensor}>
      <dl className={styles.values}>
        {channels.slice(0, SHOWN_CHANNELS).map((channel, i) => (
          <div key={channel.name}>
            <dt>{channel.name}</dt>
            <dd>
              {last ? valueText(last[i + 1] ?? null) : '–'} {last && channel.unit}
            </dd>
          </div>
        ))}
        {channels.length > SHOWN_CHANNELS && (
          <span className={styles.more}>{t('values.more', { count: channels.length - SHOWN_CHANNELS })}</span>
        )}
      </dl>
      {plotted >= 0 && <SamplePlot stream={stream.id} channel={plotted} name={channels[plotted]?.name ?? ''} />}
    </div>
  );
}

function useLastRow(stream: string): SampleRow | undefined {
  const store = useStore();
  const [row, setRow] = useState<SampleRow | undefined>(undefined);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => {
    const unsubscribe = store.subscribe(`samples:${stream}`, () => {
      timer.current ??= window.setTimeout(() => {
        timer.current = undefined;
        setRow(store.samples(stream).last);
      }, VALUES_EVERY_MS);
    });
    return () => {
      unsubscribe();
      window.clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [store, stream]);
  return row;
}
