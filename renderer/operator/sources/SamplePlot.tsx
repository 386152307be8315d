/** A small plot of one channel over the last seconds, drawn without React. */
import 'uplot/dist/uPlot.min.css';
import { type ReactNode, useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import { atNextBeat, forgetBeat } from './beat.ts';
import styles from './SamplePlot.module.css';

const HEIGHT = 44;

export function SamplePlot({ stream, channel, name }: { stream: string; channel: number; name: string }): ReactNode {
  const store = useStore();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const plot = new UPlot(
      {
        width: Math.max(50, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        padding: [4, 0, 4, 0],
        axes: [{ show: false }, { show: false }],
        scales: { x: { time: false } },
        series: [{}, { stroke: () => getComputedStyle(element).color, width: 1.5, points: { show: false } }],
      },
      [[], []],
      element,
    );
    const draw = (): void => plot.setData(store.samples(stream).series(channel));
    const unsubscribe = store.subscribe(`samples:${stream}`, () => atNextBeat(draw));
    const resized = new ResizeObserver(() =>
      plot.setSize({ width: Math.max(50, element.clientWidth), height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      unsubscribe();
      resized.disconnect();
      forgetBeat(draw);
      plot.destroy();
    };
  }, [store, stream, channel]);
  return <div ref={box} className={styles.plot} role="img" aria-label={t('plot.of', { name })} />;
}
