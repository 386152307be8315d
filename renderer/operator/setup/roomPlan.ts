/** A room seen from above: where its anchors stand and how it is scaled into a picture. Millimetres, as Pozyx measures. */
import { z } from 'zod';

export interface Anchor {
  id: string;
  x: number;
  y: number;
}

const anchorsSchema = z.object({
  anchors: z.array(z.object({ id: z.union([z.string(), z.number()]).transform(String), x: z.number(), y: z.number() })),
});

/** Anchors of a source's settings; none where it has none. */
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

/** Room left around the outermost anchors, as a share of the larger side: a tag may leave the ring of anchors. */
const MARGIN = 0.12;

/** Null: fewer than two anchors span no room. */
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

/** In a room y grows away from the door, on a screen downwards. Its own inverse. */
export const flipped = (y: number, frame: Frame): number => 2 * frame.top + frame.height - y;

/** Anchors are measured with a tape, never better than this. */
const STEP_MM = 10;

/** The settings with one anchor elsewhere: on the plan, in whole steps. What else they hold, its height too, stays. */
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
