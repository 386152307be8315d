/** Converts session time to pixels of a lane and back, and draws what all lanes share. */
import type { ReviewGap } from '../../../electron/common/review.ts';
import type { Surface } from './useCanvas.ts';
import type { View } from './view.ts';

export const toPx = (ns: number, { fromNs, toNs }: View, width: number): number =>
  ((ns - fromNs) / (toNs - fromNs)) * width;

export const toNs = (px: number, { fromNs, toNs: end }: View, width: number): number =>
  fromNs + (px / Math.max(1, width)) * (end - fromNs);

/** A loss shorter than a pixel is visible anyway. */
export function drawGaps(
  { context, width, height, color }: Surface,
  gaps: readonly ReviewGap[],
  view: View,
  endNs: number,
): void {
  for (const gap of gaps) {
    if (gap.fromNs === null) continue;
    const from = toPx(Number(gap.fromNs), view, width);
    const to = Math.max(from + 1.5, toPx(gap.toNs === null ? endNs : Number(gap.toNs), view, width));
    if (to < 0 || from > width) continue;
    // A pause was requested; a loss was not.
    context.fillStyle = color(isPause(gap) ? '--room-line' : '--room-bad');
    context.globalAlpha = isPause(gap) ? 0.9 : 0.45;
    context.fillRect(from, 0, to - from, height);
    context.globalAlpha = 1;
  }
}

export const isPause = ({ cause }: Pick<ReviewGap, 'cause'>): boolean => /pause/.test(cause);
