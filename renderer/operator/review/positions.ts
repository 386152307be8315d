/** Positions over time: the sensors that report positions in a plane, and a plan that contains all of them. */
import type { ReviewSession, ReviewStream } from '../../../electron/common/review.ts';

export interface PositionStream {
  stream: ReviewStream;
  /** Columns of x and y, and the size of their unit in mm. */
  x: number;
  y: number;
  toMm: number;
}

const UNITS: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000 };

/** Streams with channels `x` and `y` in a unit of length. */
export function positionStreams(session: ReviewSession): PositionStream[] {
  return session.streams.flatMap((stream): PositionStream[] => {
    const x = stream.channels.findIndex(({ name }) => name === 'x');
    const y = stream.channels.findIndex(({ name }) => name === 'y');
    const toMm = UNITS[stream.channels[x]?.unit ?? ''];
    return x < 0 || y < 0 || toMm === undefined ? [] : [{ stream, x, y, toMm }];
  });
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Bounds of all points, with a margin; a single point gets two metres around it. */
export function boxAround(points: readonly { x: number; y: number }[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  if (points.length === 0) return { left: -1000, top: -1000, right: 1000, bottom: 1000 };
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const margin = Math.max(500, 0.06 * Math.max(right - left, bottom - top));
  return { left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin };
}

/** Converts millimetres of the room to pixels, as large as fits; y grows upwards, as on a plan. */
export function projection(
  box: Box,
  width: number,
  height: number,
): (x: number, y: number) => [px: number, py: number] {
  const scale = Math.min(width / (box.right - box.left), height / (box.bottom - box.top));
  const padX = (width - scale * (box.right - box.left)) / 2;
  const padY = (height - scale * (box.bottom - box.top)) / 2;
  return (x, y) => [padX + (x - box.left) * scale, height - padY - (y - box.top) * scale];
}

/** The wearer of a source at a moment; null: nobody, or unknown. */
export function wearerAt(session: ReviewSession, { source, participant }: ReviewStream, ns: number): string | null {
  const said = session.assignments.filter((row) => row.source === source && Number(row.atNs) <= ns);
  return said.length === 0 ? participant : (said.at(-1)?.participant ?? null);
}
