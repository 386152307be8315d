/** The room from above: anchors, and everybody who wears a tag, with the path of the last seconds. */
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { t } from '../../components/words.ts';
import styles from './FloorPlan.module.css';
import { type Player, whole } from './player.ts';
import { boxAround, type PositionStream, positionStreams, projection, wearerAt } from './positions.ts';
import { type Surface, useCanvas } from './useCanvas.ts';
import { usePlayerState } from './usePlayer.ts';

/** Length of the path drawn behind each tag. */
const TRAIL_NS = 10e9;
/** A tag without data for this long is drawn hollow. */
const OLD_NS = 3e9;
/** Fetched at once, so that playing does not need a request per picture. */
const WINDOW_NS = 60e9;

interface Way {
  ns: number[];
  x: number[];
  y: number[];
}

export function FloorPlan(): ReactNode {
  const player = usePlayerState('session');
  const tags = useMemo(() => positionStreams(player.session), [player.session]);
  const [place, setPlace] = useState<{ x: number; y: number }[]>([]);
  const ways = useRef(new Map<string, Way>());
  const box = useMemo(() => boxAround([...player.session.anchors, ...place]), [player.session.anchors, place]);
  const canvas = useCanvas((surface) => draw(surface, player, tags, ways.current, box), 'time', 'session', 'wave');
  useExtent(player, tags, setPlace);
  useWays(player, tags, ways.current);
  if (tags.length === 0) return null;
  return (
    <section className={styles.plan} aria-label={t('review.plan')}>
      <canvas ref={canvas} role="img" aria-label={t('review.plan.of')} />
    </section>
  );
}

/** The corners of all paths of the session, from their plots: few numbers, whatever its length. */
function useExtent(
  player: Player,
  tags: readonly PositionStream[],
  set: (points: { x: number; y: number }[]) => void,
): void {
  useEffect(() => {
    let wanted = true;
    const span = { fromNs: '0', toNs: player.session.durationNs, points: 60 };
    void Promise.all(
      tags.map(async ({ stream, toMm }) => {
        const [x, y] = await Promise.all(
          ['x', 'y'].map((channel) => player.door.call('review.plot', { stream: stream.id, channel, ...span })),
        );
        const ends = (values: (number | null)[] = []): number[] => values.flatMap((value) => value ?? []);
        const [xs, ys] = [
          [...ends(x?.min), ...ends(x?.max)],
          [...ends(y?.min), ...ends(y?.max)],
        ];
        if (xs.length === 0 || ys.length === 0) return [];
        return [
          { x: toMm * Math.min(...xs), y: toMm * Math.min(...ys) },
          { x: toMm * Math.max(...xs), y: toMm * Math.max(...ys) },
        ];
      }),
    )
      .then((corners) => wanted && set(corners.flat()))
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [player, tags, set]);
}

function useWays(player: Player, tags: readonly PositionStream[], ways: Map<string, Way>): void {
  useEffect(() => {
    let read = { fromNs: 0, toNs: -1 };
    let wanted = true;
    let busy = false;
    const look = async (): Promise<void> => {
      const held = player.ns - TRAIL_NS >= read.fromNs || read.fromNs === 0;
      if (busy || (held && player.ns >= read.fromNs && player.ns <= read.toNs)) return;
      busy = true;
      const span = { fromNs: Math.max(0, player.ns - TRAIL_NS), toNs: player.ns + WINDOW_NS };
      const times = { fromNs: whole(span.fromNs), toNs: whole(span.toNs), limit: 20_000 };
      await Promise.all(
        tags.map(async ({ stream, x, y, toMm }) => {
          const { ns, values } = await player.door.call('review.samples', { stream: stream.id, ...times });
          const column = (at: number): number[] =>
            (values[at] ?? []).map((value) => (typeof value === 'number' ? value * toMm : Number.NaN));
          ways.set(stream.id, { ns, x: column(x), y: column(y) });
        }),
      ).catch(() => undefined);
      read = { fromNs: span.fromNs, toNs: Math.min(span.toNs, player.session.live ? player.durationNs : span.toNs) };
      busy = false;
      if (wanted) player.tell('wave');
    };
    const ends = [player.on('time', () => void look()), player.on('session', () => void look())];
    void look();
    return () => {
      wanted = false;
      for (const end of ends) end();
    };
  }, [player, tags, ways]);
}

/** Distinguishable in both themes, also for people with colour blindness. */
const COLORS = ['#e8590c', '#1c7ed6', '#2b8a3e', '#ae3ec9', '#f08c00', '#0c8599', '#c2255c', '#5c7cfa'];

function draw(
  { context, width, height, color }: Surface,
  player: Player,
  tags: readonly PositionStream[],
  ways: ReadonlyMap<string, Way>,
  box: ReturnType<typeof boxAround>,
): void {
  const at = projection(box, width, height);
  context.font = '11px sans-serif';
  context.textBaseline = 'middle';
  drawGrid(context, box, at, color('--room-line'));
  context.fillStyle = color('--room-soft');
  for (const { id, x, y } of player.session.anchors) {
    const [px, py] = at(x, y);
    context.fillRect(px - 3, py - 3, 6, 6);
    context.textAlign = px > width / 2 ? 'right' : 'left';
    context.fillText(id, px + (px > width / 2 ? -7 : 7), py);
  }
  for (const [i, { stream }] of tags.entries()) {
    const way = ways.get(stream.id);
    const last = way ? way.ns.findLastIndex((ns) => ns <= player.ns) : -1;
    if (!way || last < 0) continue;
    const paint = COLORS[i % COLORS.length] as string;
    context.strokeStyle = paint;
    context.lineWidth = 2;
    context.globalAlpha = 0.5;
    context.beginPath();
    for (let k = last; k >= 0 && (way.ns[k] as number) >= player.ns - TRAIL_NS; k -= 1)
      context.lineTo(...at(way.x[k] as number, way.y[k] as number));
    context.stroke();
    context.globalAlpha = 1;
    const [px, py] = at(way.x[last] as number, way.y[last] as number);
    context.fillStyle = paint;
    context.beginPath();
    context.arc(px, py, 6, 0, 2 * Math.PI);
    if (player.ns - (way.ns[last] as number) > OLD_NS) context.stroke();
    else context.fill();
    context.fillStyle = color('--room-text');
    const name = wearerAt(player.session, stream, player.ns) ?? (stream.label || stream.id);
    const fits = px + 14 + context.measureText(name).width <= width;
    context.textAlign = fits ? 'left' : 'right';
    context.fillText(name, px + (fits ? 10 : -10), py);
  }
}

/** A line every metre. */
function drawGrid(
  context: CanvasRenderingContext2D,
  box: ReturnType<typeof boxAround>,
  at: (x: number, y: number) => [number, number],
  paint: string,
): void {
  context.strokeStyle = paint;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = Math.ceil(box.left / 1000) * 1000; x <= box.right; x += 1000) {
    context.moveTo(...at(x, box.top));
    context.lineTo(...at(x, box.bottom));
  }
  for (let y = Math.ceil(box.top / 1000) * 1000; y <= box.bottom; y += 1000) {
    context.moveTo(...at(box.left, y));
    context.lineTo(...at(box.right, y));
  }
  context.stroke();
}
