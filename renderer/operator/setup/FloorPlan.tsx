/** The room from above: anchors at their positions in the kit, tags at their current positions. Drawn without React. */
import { type ReactNode, useEffect, useRef } from 'react';
import type { SourceHealth } from '../../../electron/common/applianceState.ts';
import { t } from '../../components/words.ts';
import { useStore } from '../useStore.ts';
import styles from './FloorPlan.module.css';
import { type Anchor, type Frame, flipped, frameOf } from './roomPlan.ts';

export function FloorPlan({ anchors, source }: { anchors: readonly Anchor[]; source: SourceHealth }): ReactNode {
  const frame = frameOf(anchors);
  if (!frame) return null;
  const size = Math.max(frame.width, frame.height) / 40;
  return (
    <svg
      className={styles.plan}
      viewBox={`${frame.left} ${frame.top} ${frame.width} ${frame.height}`}
      role="img"
      aria-label={t('plan.of', { count: anchors.length })}
    >
      {anchors.map(({ id, x, y }) => (
        <rect key={id} x={x - size / 2} y={flipped(y, frame) - size / 2} width={size} height={size}>
          <title>{id}</title>
        </rect>
      ))}
      {source.streams.map((stream) => (
        <Tag key={stream.id} stream={stream} frame={frame} size={size} />
      ))}
    </svg>
  );
}

export function Tag({
  stream,
  frame,
  size,
}: {
  stream: SourceHealth['streams'][number];
  frame: Frame;
  size: number;
}): ReactNode {
  const store = useStore();
  const dot = useRef<SVGGElement>(null);
  const [x, y] = ['x', 'y'].map((name) => stream.channels?.findIndex((channel) => channel.name === name) ?? -1);
  useEffect(() => {
    if (x === undefined || y === undefined || x < 0 || y < 0) return;
    return store.subscribe(`samples:${stream.id}`, () => {
      const row = store.samples(stream.id).last;
      const [atX, atY] = [row?.[x + 1], row?.[y + 1]];
      if (typeof atX !== 'number' || typeof atY !== 'number') return;
      dot.current?.setAttribute('transform', `translate(${atX} ${flipped(atY, frame)})`);
      dot.current?.removeAttribute('visibility');
    });
  }, [store, stream.id, x, y, frame]);
  const short = stream.id.slice(stream.id.lastIndexOf('-') + 1);
  return (
    <g ref={dot} visibility="hidden">
      <circle r={size * 0.8} />
      <text x={size} y={size * 0.6} fontSize={size * 2}>
        {short}
      </text>
    </g>
  );
}
