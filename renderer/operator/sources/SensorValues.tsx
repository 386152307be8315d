/** The last values of a sensor, and the course of its first numbers over the last seconds. */
import { type ReactNode, useEffect, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { channelText, valueText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import type { SampleRow } from '../sampleWindow.ts';
import { useStore } from '../useStore.ts';
import { atNextBeat, forgetBeat } from './beat.ts';
import { SamplePlot } from './SamplePlot.tsx';
import styles from './SensorValues.module.css';

type StreamHealth = SourceHealth['streams'][number];

const SHOWN_CHANNELS = 4;

interface SensorValuesProps {
  stream: StreamHealth;
  /** Which of the source's several devices this is, such as a strap's number; empty: it is the only one. */
  part: string;
  /** It was paused: an old value must not look like a present one. */
  quiet: boolean;
  /** Whether the course of the first quantity is drawn too. */
  plot: boolean;
}

export function SensorValues({ stream, part, quiet, plot }: SensorValuesProps): ReactNode {
  const row = useLastRow(stream.id);
  const last = quiet ? undefined : row;
  const channels = stream.channels ?? [];
  const plotted = plottedChannel(channels);
  return (
    <div className={styles.sensor} data-plotless={plotted < 0 || undefined}>
      <dl className={styles.values}>
        {channels.slice(0, SHOWN_CHANNELS).map((channel, i) => (
          <div key={channel.name}>
            <dt data-plotted={i === plotted || undefined}>{[part, channelText(channel)].filter(Boolean).join(' ')}</dt>
            <dd>
              {last ? valueText(last[i + 1] ?? null) : '–'} {last && channel.unit}
            </dd>
          </div>
        ))}
        {channels.length > SHOWN_CHANNELS && (
          <span className={styles.more}>{t('values.more', { count: channels.length - SHOWN_CHANNELS })}</span>
        )}
      </dl>
      {plotted >= 0 && plot && !quiet && (
        <SamplePlot stream={stream.id} channel={plotted} name={channels[plotted]?.name ?? ''} />
      )}
    </div>
  );
}

const NUMBERS: ReadonlySet<string> = new Set(['number', 'integer']);
const TIMES: ReadonlySet<string> = new Set(['s', 'ms', 'µs', 'us', 'ns']);

/** A measured quantity rather than a counter or a tick; -1: nothing to plot: the course of x alone tells no way. */
function plottedChannel(channels: NonNullable<StreamHealth['channels']>): number {
  if (['x', 'y'].every((name) => channels.some((channel) => channel.name === name))) return -1;
  const measured = channels.findIndex(({ type, unit }) => NUMBERS.has(type) && unit !== '' && !TIMES.has(unit));
  if (measured >= 0) return measured;
  const number = channels.findLastIndex(({ type }) => type === 'number');
  return number >= 0 ? number : channels.findIndex(({ type }) => type === 'integer');
}

function useLastRow(stream: string): SampleRow | undefined {
  const store = useStore();
  const [row, setRow] = useState<SampleRow | undefined>(undefined);
  useEffect(() => {
    const show = (): void => setRow(store.samples(stream).last);
    const unsubscribe = store.subscribe(`samples:${stream}`, () => atNextBeat(show));
    return () => {
      unsubscribe();
      forgetBeat(show);
    };
  }, [store, stream]);
  return row;
}
