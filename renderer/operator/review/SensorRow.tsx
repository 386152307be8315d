/** One sensor on the timeline: a channel as a band of its extremes with the line of its mean, and its current value. */
import 'uplot/dist/uPlot.min.css';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import UPlot from 'uplot';
import type { Plot, ReviewStream } from '../../../electron/common/review.ts';
import { valueText } from '../../components/format.ts';
import { t } from '../../components/words.ts';
import { type Player, whole } from './player.ts';
import { drawGapsOf, nameOf, StreamRow } from './StreamRow.tsx';
import styles from './Timeline.module.css';
import { onLooks, useCanvas } from './useCanvas.ts';
import { usePlayer } from './usePlayer.ts';
import type { ValueFeed } from './valueFeed.ts';

/** A view that is still moving is not fetched. */
const SETTLE_MS = 70;

export function SensorRow({ stream, values }: { stream: ReviewStream; values: ValueFeed }): ReactNode {
  const plottable = stream.channels.filter(({ type }) => type !== 'text');
  const [channel, setChannel] = useState(plottable[0]?.name ?? stream.channels[0]?.name ?? '');
  const gaps = useCanvas((surface, player) => drawGapsOf(stream, surface, player), 'view', 'session');
  const plot = useRef<HTMLDivElement>(null);
  const scale: Scale = { high: useRef(null), low: useRef(null), pointed: useRef(null) };
  const unit = stream.channels.find(({ name }) => name === channel)?.unit ?? '';
  usePlot(plot, stream, plottable.some(({ name }) => name === channel) ? channel : null, unit, scale);
  const name = nameOf(stream);
  const pick = (
    <span className={styles.pick}>
      {stream.channels.length > 1 ? (
        <select
          value={channel}
          onChange={(event) => setChannel(event.currentTarget.value)}
          aria-label={t('review.channel', { name })}
        >
          {stream.channels.map(({ name: id }) => (
            <option key={id}>{id}</option>
          ))}
        </select>
      ) : (
        <span className={styles.channel}>{channel}</span>
      )}
      <ValueNow stream={stream} channel={channel} values={values} />
    </span>
  );
  return (
    <StreamRow stream={stream} beside={pick}>
      <canvas ref={gaps} className={styles.underlay} />
      <div ref={plot} className={styles.plot} role="img" aria-label={t('review.plot', { name, channel })} />
      <span className={styles.scale} data-end="high" ref={scale.high} />
      <span className={styles.scale} data-end="low" ref={scale.low} />
      <span className={styles.pointed} ref={scale.pointed} />
    </StreamRow>
  );
}

function ValueNow({
  stream,
  channel,
  values,
}: {
  stream: ReviewStream;
  channel: string;
  values: ValueFeed;
}): ReactNode {
  const box = useRef<HTMLOutputElement>(null);
  useEffect(() => {
    const index = stream.channels.findIndex(({ name }) => name === channel);
    const unit = stream.channels[index]?.unit ?? '';
    const draw = (): void => {
      const found = values.at(stream.id);
      if (!box.current) return;
      box.current.textContent = found ? `${valueText(found.values[index] ?? null)} ${unit}`.trim() : '–';
      box.current.dataset.seq = String(found?.seq ?? '');
    };
    draw();
    return values.on(draw);
  }, [values, stream, channel]);
  return <output ref={box} className={styles.value} aria-live="off" />;
}

/** Drawn into the lane without React. */
interface Scale {
  high: RefObject<HTMLSpanElement | null>;
  low: RefObject<HTMLSpanElement | null>;
  pointed: RefObject<HTMLSpanElement | null>;
}

/** Within this many pixels of the right edge, there is no room for a value to the right of the pointer. */
const EDGE_PX = 110;

/** Shows the value under the pointer beside it. @returns a function that stops it */
function followPointer(plot: UPlot, element: HTMLElement, unit: string, pointedRef: Scale['pointed']): () => void {
  const lane = element.parentElement;
  if (!lane) return () => undefined;
  const move = (event: PointerEvent): void => {
    const pointed = pointedRef.current;
    if (!pointed) return;
    const px = event.clientX - lane.getBoundingClientRect().left;
    const index = plot.valToIdx(plot.posToVal(px, 'x'));
    const [high, low, mean] = [plot.data[1]?.[index], plot.data[2]?.[index], plot.data[3]?.[index]];
    const text =
      mean == null ? '' : high === low ? valueText(mean) : `${valueText(low ?? null)}–${valueText(high ?? null)}`;
    pointed.textContent = text && `${text} ${unit}`.trim();
    const right = lane.clientWidth - px < EDGE_PX;
    pointed.style.left = right ? '' : `${px + 8}px`;
    pointed.style.right = right ? `${lane.clientWidth - px + 8}px` : '';
  };
  const leave = (): void => {
    if (pointedRef.current) pointedRef.current.textContent = '';
  };
  lane.addEventListener('pointermove', move);
  lane.addEventListener('pointerleave', leave);
  return () => {
    lane.removeEventListener('pointermove', move);
    lane.removeEventListener('pointerleave', leave);
  };
}

function usePlot(
  box: { current: HTMLDivElement | null },
  stream: ReviewStream,
  channel: string | null,
  unit: string,
  { high, low, pointed }: Scale,
): void {
  const player = usePlayer();
  const id = stream.id;
  useEffect(() => {
    const element = box.current;
    if (!element || channel === null) return;
    const plot = makePlot(element);
    let asked = 0;
    let timer: number | undefined;
    const read = async (): Promise<void> => {
      asked += 1;
      const mine = asked;
      const found = await readPlot(player, id, channel, element.clientWidth).catch(() => null);
      if (found && mine === asked) plot.setData(found, false);
      scale();
    };
    const scale = (): void => {
      const { fromNs, toNs } = player.view;
      plot.batch(() => {
        plot.setScale('x', { min: fromNs / 1e9, max: toNs / 1e9 });
        const found = extremes(plot.data, fromNs / 1e9, toNs / 1e9);
        plot.setScale('y', found);
        const known = (plot.data[0]?.length ?? 0) > 0;
        if (high.current) high.current.textContent = known ? `${valueText(found.max)} ${unit}`.trim() : '';
        if (low.current) low.current.textContent = known ? `${valueText(found.min)} ${unit}`.trim() : '';
      });
    };
    const changed = (): void => {
      scale();
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void read(), SETTLE_MS);
    };
    const ends = [player.on('view', changed), player.on('session', changed)];
    const resized = (): void => {
      plot.setSize({ width: Math.max(50, element.clientWidth), height: Math.max(20, element.clientHeight) });
      changed();
    };
    ends.push(
      onLooks(element, resized, () => plot.redraw()),
      followPointer(plot, element, unit, pointed),
    );
    void read();
    return () => {
      for (const end of ends) end();
      window.clearTimeout(timer);
      plot.destroy();
    };
  }, [player, box, id, channel, unit, high, low, pointed]);
}

function makePlot(element: HTMLElement): UPlot {
  const color = (): string => getComputedStyle(element).getPropertyValue('--room-plot');
  const edge = { stroke: () => `${color().trim()}55`, width: 1, points: { show: false } };
  return new UPlot(
    {
      width: Math.max(50, element.clientWidth),
      height: Math.max(20, element.clientHeight),
      legend: { show: false },
      cursor: { show: false },
      padding: [3, 0, 3, 0],
      axes: [{ show: false }, { show: false }],
      scales: { x: { time: false, auto: false }, y: { auto: false } },
      series: [
        {},
        edge,
        edge,
        { stroke: color, width: 1.5, points: { show: (u) => (u.data[0]?.length ?? 0) < 80, size: 4 } },
      ],
      bands: [{ series: [1, 2], fill: () => `${color().trim()}33` }],
    },
    [[], [], [], []],
    element,
  );
}

async function readPlot(player: Player, stream: string, channel: string, width: number): Promise<UPlot.AlignedData> {
  const { fromNs, toNs } = player.view;
  // A little more on both sides, so that lines continue beyond the edges.
  const more = (toNs - fromNs) * 0.02;
  const points = Math.min(4000, Math.max(100, Math.round(width)));
  const span = { fromNs: whole(fromNs - more), toNs: whole(toNs + more) };
  const { ns, min, max, mean }: Plot = await player.door.call('review.plot', { stream, channel, ...span, points });
  return [ns.map((at) => at / 1e9), max, min, mean];
}

/** Range of what is in view; a flat line is centred. */
function extremes(
  [x = [], max = [], min = []]: UPlot.AlignedData,
  from: number,
  to: number,
): { min: number; max: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < x.length; i += 1) {
    if ((x[i] as number) < from || (x[i] as number) > to) continue;
    low = Math.min(low, min[i] ?? Number.POSITIVE_INFINITY);
    high = Math.max(high, max[i] ?? Number.NEGATIVE_INFINITY);
  }
  if (low > high) return { min: 0, max: 1 };
  return low === high ? { min: low - 1, max: high + 1 } : { min: low, max: high };
}
