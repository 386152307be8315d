/** The last values of a sensor, and a plot of its first numeric channels over the last seconds. */
import { type ReactNode, useEffect, useState } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { ageText, channelText, valueText } from '../../components/format.ts';
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
  /** Distinguishes several devices of one source, such as a strap's number; empty: there is only one. */
  part: string;
  /** It is paused: an old value must not look like a current one. */
  quiet: boolean;
  /** Its device works: a button that is not pressed is not out of date. */
  delivers: boolean;
  /** Whether the plot of the first quantity is drawn too. */
  plot: boolean;
}

export function SensorValues({ stream, part, quiet, delivers, plot }: SensorValuesProps): ReactNode {
  const { row, ageMs } = useLastRow(stream.id);
  const last = quiet ? undefined : row;
  const stale = last !== undefined && isStale(stream, ageMs, delivers);
  const channels = stream.channels ?? [];
  const plotted = plottedChannel(channels);
  return (
    <div className={styles.sensor} data-plotless={plotted < 0 || undefined} data-stale={stale || undefined}>
      {stale && ageMs !== null && <span className={styles.age}>{t('values.last', { age: ageText(ageMs) })}</span>}
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

/** Index of a measured quantity rather than a counter or a tick; -1: nothing to plot (x alone does not show a path). */
function plottedChannel(channels: NonNullable<StreamHealth['channels']>): number {
  if (['x', 'y'].every((name) => channels.some((channel) => channel.name === name))) return -1;
  const measured = channels.findIndex(({ type, unit }) => NUMBERS.has(type) && unit !== '' && !TIMES.has(unit));
  if (measured >= 0) return measured;
  const number = channels.findLastIndex(({ type }) => type === 'number');
  return number >= 0 ? number : channels.findIndex(({ type }) => type === 'integer');
}

/** A value older than this is out of date. */
const STALE_MS = 3000;
/** The age as a text that changes only in these steps. */
const AGE_EVERY_MS = 1000;

function isStale({ nominalRateHz }: StreamHealth, ageMs: number | null, delivers: boolean): boolean {
  if (ageMs === null) return false;
  if (!delivers) return true;
  return nominalRateHz !== undefined && ageMs > Math.max(STALE_MS, 5000 / nominalRateHz);
}

/** The newest row and its age; the age is null until one has arrived. */
function useLastRow(stream: string): { row: SampleRow | undefined; ageMs: number | null } {
  const store = useStore();
  const [shown, setShown] = useState<{ row: SampleRow | undefined; ageMs: number | null }>({
    row: undefined,
    ageMs: null,
  });
  useEffect(() => {
    const show = (): void => {
      const { last, cameAtMs } = store.samples(stream);
      setShown({ row: last, ageMs: cameAtMs === null ? null : performance.now() - cameAtMs });
    };
    show();
    const unsubscribe = store.subscribe(`samples:${stream}`, () => atNextBeat(show));
    const timer = window.setInterval(show, AGE_EVERY_MS);
    return () => {
      unsubscribe();
      window.clearInterval(timer);
      forgetBeat(show);
    };
  }, [store, stream]);
  return shown;
}
