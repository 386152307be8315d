/** A room seen from above: its anchor positions and its scale in the picture. Millimetres, as in Pozyx. */
import { z } from 'zod';

export interface Anchor {
  id: string;
  x: number;
  y: number;
}

const anchorsSchema = z.object({
  anchors: z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String), x: z.number(), y: z.number() })),
});

/** Anchors in a source's settings; empty if it has none. */
export function anchorsOf(settings: unknown): Anchor[] {
  const parsed = anchorsSchema.safeParse(settings);
  return parsed.success ? parsed.data.anchors : [];
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Margin around the outermost anchors, as a share of the larger side: a tag may leave the ring of anchors. */
const MARGIN = 0.12;

/** Null: fewer than two anchors do not define a room. */
export function frameOf(anchors: readonly Anchor[]): Frame | null {
  if (anchors.length < 2) return null;
  const xs = anchors.map(({ x }) => x);
  const ys = anchors.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const margin = Math.max(right - left, bottom - top, 1000) * MARGIN;
  return {
    left: left - margin,
    top: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  };
}

/** In a room y grows away from the door, on a screen downwards. This function is its own inverse. */
export const flipped = (y: number, frame: Frame): number => 2 * frame.top + frame.height - y;

/** Anchors are measured with a tape, never more precisely than this. */
const STEP_MM = 10;

/** The settings with one anchor moved on the plan, in whole steps. Everything else, including its height, is kept. */
export function withAnchorAt(settings: unknown, id: string, to: { x: number; y: number }, frame: Frame): unknown {
  const within = (value: number, from: number, length: number): number =>
    Math.round(Math.min(Math.max(value, from), from + length) / STEP_MM) * STEP_MM;
  const place = { x: within(to.x, frame.left, frame.width), y: within(to.y, frame.top, frame.height) };
  const { anchors } = settings as { anchors: readonly { id: string | number }[] };
  return {
    ...(settings as object),
    anchors: anchors.map((anchor) => (String(anchor.id) === id ? { ...anchor, ...place } : anchor)),
  };
}
