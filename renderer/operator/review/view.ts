/** The visible stretch of session time on the timeline. */

export interface View {
  fromNs: number;
  toNs: number;
}

/** Zooming in further shows nothing new: 20 ms over the whole width. */
const SHORTEST_NS = 20e6;

export const fitted = (durationNs: number): View => ({ fromNs: 0, toNs: Math.max(durationNs, SHORTEST_NS) });

/** @param factor below 1 zooms in. The moment `aroundNs` keeps its position on the screen. */
export function zoomed(view: View, factor: number, aroundNs: number, durationNs: number): View {
  const span = Math.min(Math.max((view.toNs - view.fromNs) * factor, SHORTEST_NS), fitted(durationNs).toNs);
  const share = (aroundNs - view.fromNs) / (view.toNs - view.fromNs);
  return within({ fromNs: aroundNs - share * span, toNs: aroundNs + (1 - share) * span }, durationNs);
}

export const moved = (view: View, byNs: number, durationNs: number): View =>
  within({ fromNs: view.fromNs + byNs, toNs: view.toNs + byNs }, durationNs);

/** The same length, shifted to include a moment; unchanged if it already does. */
export function holding(view: View, ns: number, durationNs: number): View {
  if (ns >= view.fromNs && ns <= view.toNs) return view;
  const span = view.toNs - view.fromNs;
  // Like turning a page: shows what comes next, not what was.
  const fromNs = ns > view.toNs ? ns - span * 0.1 : ns - span * 0.9;
  return within({ fromNs, toNs: fromNs + span }, durationNs);
}

function within({ fromNs, toNs }: View, durationNs: number): View {
  const span = toNs - fromNs;
  const from = Math.max(0, Math.min(fromNs, Math.max(durationNs, SHORTEST_NS) - span));
  return { fromNs: from, toNs: from + span };
}

/** Steps of a ruler: 1, 2, 5 times powers of ten below a second, then as on a clock. */
const STEPS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
];

/** Session nanoseconds of a ruler's ticks, at least `gapPx` pixels apart. */
export function ticks({ fromNs, toNs }: View, widthPx: number, gapPx = 90): { stepS: number; ns: number[] } {
  const wanted = ((toNs - fromNs) / 1e9) * (gapPx / Math.max(1, widthPx));
  const stepS = STEPS_S.find((step) => step >= wanted) ?? 7200;
  const found: number[] = [];
  for (let i = Math.ceil(fromNs / 1e9 / stepS); i * stepS * 1e9 <= toNs; i += 1) found.push(i * stepS * 1e9);
  return { stepS, ns: found };
}
